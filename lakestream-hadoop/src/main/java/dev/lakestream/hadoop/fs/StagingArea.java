// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.Region;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;

/**
 * What may be done to files below {@code staging/}. As on any object store, a file is there when it
 * is closed, a rename copies, and nothing of it is atomic: nobody reads here but who stages. Names
 * are below {@code staging}.
 */
final class StagingArea {
  private static final int COPIED_BYTES = 8 << 20;

  private final ObjectStore store;
  private final StagingBranch branch;

  StagingArea(ObjectStore store, StagingBranch branch) {
    this.store = store;
    this.branch = branch;
  }

  /** Begins a file; its folders come to be with it. */
  StagedOutput create(List<String> names, boolean overwrite) throws IOException {
    if (names.size() < 2) {
      throw new UnsupportedOperationException(
          "files are staged in staging/<name>/, the name being that of the step to be; not right in"
              + " staging");
    }
    requireNotCommitted(names.get(0));
    requireFolders(names);
    Optional<Entry> there = branch.lookUp(names);
    if (there.filter(Entry::folder).isPresent()) {
      throw new FileAlreadyExistsException(path(names) + " is a folder");
    }
    if (there.isPresent() && !overwrite) {
      throw new FileAlreadyExistsException(path(names) + " exists");
    }
    return new StagedOutput(store, StageKeys.key(names), overwrite);
  }

  /** Makes a folder and those above it. */
  void makeFolders(List<String> names) throws IOException {
    if (names.isEmpty()) {
      return;
    }
    ObjectKey mark = StageKeys.folderMark(names);
    requireFolders(names);
    Optional<Entry> there = branch.lookUp(names);
    if (there.filter(entry -> !entry.folder()).isPresent()) {
      throw new FileAlreadyExistsException(path(names) + " is a file");
    }
    if (there.isEmpty()) {
      store.put(mark, new byte[0]);
    }
  }

  /**
   * Deletes a file or folder.
   *
   * @return whether there was one
   * @throws PathIsNotEmptyDirectoryException if a folder is not empty and may not go as a whole
   */
  boolean delete(List<String> names, boolean recursive) throws IOException {
    Optional<Entry> there = branch.lookUp(names);
    if (there.isEmpty()) {
      return false;
    }
    if (names.isEmpty()) {
      throw new UnsupportedOperationException("staging itself stays: delete what is in it");
    }
    if (there.get().folder()) {
      if (!recursive && !branch.children(names).isEmpty()) {
        throw new PathIsNotEmptyDirectoryException(path(names));
      }
      for (ObjectInfo info : store.list(StageKeys.key(names), Optional.empty())) {
        store.delete(info.key());
      }
    } else {
      store.delete(StageKeys.key(names));
    }
    keepFolderAbove(names);
    return true;
  }

  /**
   * Renames a file or folder, into the target if that is a folder.
   *
   * @return false if the target exists, or is below the source, or has no folder to be in
   * @throws FileNotFoundException if the source is not there
   */
  boolean rename(List<String> source, List<String> target) throws IOException {
    Entry moved = branch.find(source);
    if (source.isEmpty() || (target.isEmpty() && source.size() == 1)) {
      // Staging itself stays, and a stage is in it already.
      return !source.isEmpty();
    }
    Optional<Entry> there = branch.lookUp(target);
    if (source.equals(target)) {
      return !moved.folder();
    }
    if (there.filter(Entry::folder).isPresent()) {
      return rename(
          source,
          Stream.concat(target.stream(), Stream.of(source.get(source.size() - 1))).toList(),
          moved);
    }
    return there.isEmpty() && rename(source, target, moved);
  }

  private boolean rename(List<String> source, List<String> target, Entry moved) throws IOException {
    boolean within =
        target.size() > source.size() && target.subList(0, source.size()).equals(source);
    if (within || branch.lookUp(target).isPresent() || !hasFolder(target)) {
      return false;
    }
    if (target.size() < 2 && !moved.folder()) {
      throw new UnsupportedOperationException("files are staged in staging/<name>/");
    }
    requireNotCommitted(target.get(0));
    if (moved.folder()) {
      String above = StageKeys.key(source).value();
      for (ObjectInfo info : store.list(StageKeys.key(source), Optional.empty())) {
        String below = info.key().value().substring(above.length());
        copy(info, ObjectKey.of(StageKeys.key(target) + below));
        store.delete(info.key());
      }
    } else {
      ObjectInfo info = store.head(StageKeys.key(source)).orElseThrow();
      copy(info, StageKeys.key(target));
      store.delete(info.key());
    }
    keepFolderAbove(source);
    return true;
  }

  /** A stage that was made a step keeps its mark until all of it is gone. */
  private void requireNotCommitted(String stage) throws IOException {
    if (store.head(StageKeys.committedMark(stage)).isPresent()) {
      throw new FileAlreadyExistsException(
          "staging/"
              + stage
              + " has become a step, and is not yet cleared away: rename it to steps/next once"
              + " more, and stage new files under another name");
    }
  }

  private void copy(ObjectInfo source, ObjectKey target) throws IOException {
    try (ObjectUpload upload = store.upload(target)) {
      for (long at = 0; at < source.size(); at += COPIED_BYTES) {
        int length = (int) Math.min(COPIED_BYTES, source.size() - at);
        try (Region part = store.read(source.key(), at, length)) {
          StagedOutput.writeAll(upload, part.bytes());
        }
      }
      upload.finish();
    }
  }

  private boolean hasFolder(List<String> names) throws IOException {
    return branch.lookUp(names.subList(0, names.size() - 1)).filter(Entry::folder).isPresent();
  }

  /** A folder does not vanish with what was in it. */
  private void keepFolderAbove(List<String> names) throws IOException {
    List<String> above = names.subList(0, names.size() - 1);
    if (!above.isEmpty() && branch.lookUp(above).isEmpty()) {
      store.put(StageKeys.folderMark(above), new byte[0]);
    }
  }

  /** No key is ever a prefix of another one. */
  private void requireFolders(List<String> names) throws IOException {
    for (int depth = 2; depth < names.size(); depth++) {
      List<String> above = names.subList(0, depth);
      if (store.head(StageKeys.key(above)).isPresent()) {
        throw new ParentNotDirectoryException(path(above) + " is a file");
      }
    }
  }

  private static String path(List<String> names) {
    return StreamPath.STAGING + "/" + String.join("/", names);
  }
}
