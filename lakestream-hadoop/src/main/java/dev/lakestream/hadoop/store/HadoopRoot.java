// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;

/**
 * Where a store's objects are.
 *
 * @param files the file system, ours alone
 * @param root in it; behind the mount points of a {@code viewfs:}
 * @param uri as users call it
 */
record HadoopRoot(FileSystem files, Path root, URI uri) {
  Path path(ObjectKey key) {
    return new Path(root, key.value());
  }

  /** The key of what is below the root; a foreign file has none. */
  Optional<ObjectKey> key(Path path) {
    String own = root.toUri().getPath();
    String below = own.endsWith("/") ? own : own + "/";
    String name = path.toUri().getPath();
    if (!name.startsWith(below)) {
      return Optional.empty();
    }
    String key = name.substring(below.length());
    return ObjectKey.isValid(key) ? Optional.of(ObjectKey.of(key)) : Optional.empty();
  }

  /** What is known of a file; empty if there is none, or something else has its name. */
  Optional<FileStatus> file(Path path) throws IOException {
    try {
      return Optional.of(files.getFileStatus(path)).filter(FileStatus::isFile);
    } catch (IOException e) {
      if (isMissing(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Whether there is no such file, or, which HDFS takes for forbidden, a file among its folders.
   */
  static boolean isMissing(IOException e) {
    return e instanceof FileNotFoundException
        || e instanceof ParentNotDirectoryException
        || (e instanceof AccessControlException
            && String.valueOf(e.getMessage()).contains("is not a directory"));
  }

  static ObjectInfo info(ObjectKey key, FileStatus status) {
    return new ObjectInfo(key, status.getLen(), Instant.ofEpochMilli(status.getModificationTime()));
  }

  @Override
  public String toString() {
    return uri.toString();
  }
}
