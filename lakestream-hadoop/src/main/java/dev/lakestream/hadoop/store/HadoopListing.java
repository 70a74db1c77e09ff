// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * The files below a folder. A directory is no object, nor is what has no key; the order is ours,
 * not the file system's.
 */
final class HadoopListing {
  private final HadoopRoot root;
  private final boolean flat;

  /**
   * @param flat whether the file system lists all that is below a folder at once, as an object
   *     store does; else folders that were passed already are not looked into
   */
  HadoopListing(HadoopRoot root, boolean flat) {
    this.root = root;
    this.flat = flat;
  }

  List<ObjectInfo> objects(ObjectKey folder, Optional<ObjectKey> startAfter) throws IOException {
    List<ObjectInfo> found = new ArrayList<>();
    collect(root.path(folder), startAfter, found);
    found.sort(Comparator.comparing(ObjectInfo::key));
    return Collections.unmodifiableList(found);
  }

  /** The names of the folders right below another one, or below the root. */
  List<String> folders(Optional<ObjectKey> below) throws IOException {
    List<String> found = new ArrayList<>();
    try {
      RemoteIterator<FileStatus> entries =
          root.files().listStatusIterator(below.map(root::path).orElseGet(root::root));
      while (entries.hasNext()) {
        FileStatus entry = entries.next();
        String name = entry.getPath().getName();
        if (entry.isDirectory() && ObjectKey.isValid(name)) {
          found.add(name);
        }
      }
    } catch (IOException e) {
      if (!HadoopRoot.isMissing(e)) {
        throw e;
      }
    }
    Collections.sort(found);
    return Collections.unmodifiableList(found);
  }

  private void collect(Path folder, Optional<ObjectKey> startAfter, List<ObjectInfo> found)
      throws IOException {
    try {
      RemoteIterator<? extends FileStatus> entries =
          flat ? root.files().listFiles(folder, true) : root.files().listStatusIterator(folder);
      while (entries.hasNext()) {
        FileStatus entry = entries.next();
        Optional<ObjectKey> key = root.key(entry.getPath());
        boolean itself = entry.getPath().toUri().getPath().equals(folder.toUri().getPath());
        if (key.isPresent() && !itself && !isPassed(key.get(), startAfter)) {
          collectEntry(key.get(), entry, startAfter, found);
        }
      }
    } catch (IOException e) {
      // An absent folder has no objects; one may vanish while it is listed.
      if (!HadoopRoot.isMissing(e)) {
        throw e;
      }
    }
  }

  private void collectEntry(
      ObjectKey key, FileStatus entry, Optional<ObjectKey> startAfter, List<ObjectInfo> found)
      throws IOException {
    if (entry.isDirectory()) {
      collect(entry.getPath(), startAfter, found);
    } else if (startAfter.isEmpty() || key.compareTo(startAfter.get()) > 0) {
      found.add(HadoopRoot.info(key, entry));
    }
  }

  /** Whether neither this key nor any below it comes after that one. */
  private static boolean isPassed(ObjectKey key, Optional<ObjectKey> startAfter) {
    String below = key + "/";
    return startAfter
        .map(ObjectKey::value)
        .filter(after -> key.value().compareTo(after) <= 0)
        .filter(after -> below.compareTo(after) < 0 && !after.startsWith(below))
        .isPresent();
  }
}
