// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * Entries as Hadoop's statuses. Permissions only say what this file system refuses: who may do what
 * is the store's to decide.
 */
final class Statuses {
  private static final FsPermission FILE = new FsPermission((short) 0444);
  private static final FsPermission FOLDER = new FsPermission((short) 0555);
  private static final FsPermission STAGED_FILE = new FsPermission((short) 0644);
  private static final FsPermission STAGED_FOLDER = new FsPermission((short) 0755);

  private final long blockSize;
  private final String user;

  /** Statuses for the current user. */
  Statuses(long blockSize) throws IOException {
    this.blockSize = blockSize;
    this.user = UserGroupInformation.getCurrentUser().getShortUserName();
  }

  long blockSize() {
    return blockSize;
  }

  /**
   * The status of an entry.
   *
   * @param path its own
   * @param place says whether it is staged; that of its folder will do
   */
  FileStatus of(Path path, StreamPath place, Entry entry) {
    FsPermission permission =
        place.isStaging()
            ? (entry.folder() ? STAGED_FOLDER : STAGED_FILE)
            : (entry.folder() ? FOLDER : FILE);
    return new FileStatus(
        entry.length(),
        entry.folder(),
        entry.folder() ? 0 : 1,
        entry.folder() ? 0 : blockSize,
        entry.time(),
        entry.time(),
        permission,
        user,
        user,
        path);
  }
}
