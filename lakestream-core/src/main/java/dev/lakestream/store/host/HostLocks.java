// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.host;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Locks of single bytes of one file: what the kernel takes back from a process that ends, however
 * it does. The file itself holds nothing. Thread-safe.
 */
final class HostLocks implements Closeable {
  private static final long PRESENCE_AT = 0;
  private static final long ROOM_AT = (1L << 62) + 1;

  private final FileChannel channel;

  private HostLocks(FileChannel channel) {
    this.channel = channel;
  }

  static HostLocks of(Path folder) throws IOException {
    return new HostLocks(
        FileChannel.open(
            folder.resolve("locks"),
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
  }

  /** Said by all who use the folder. */
  Optional<FileLock> presence() {
    return lock(PRESENCE_AT, true);
  }

  /** Nobody uses the folder, and nobody begins to while this is held. */
  Optional<FileLock> nobodyElse() {
    return lock(PRESENCE_AT, false);
  }

  /** The right to remove and reserve. */
  Optional<FileLock> room() {
    return lock(ROOM_AT, false);
  }

  /** The right to fetch a range. */
  Optional<FileLock> turn(RangeName name) {
    return lock(name.turnAt(), false);
  }

  /** Empty if another process has it, or another thread of this one, or there are no locks. */
  private Optional<FileLock> lock(long at, boolean shared) {
    try {
      return Optional.ofNullable(channel.tryLock(at, 1, shared));
    } catch (IOException | OverlappingFileLockException e) {
      return Optional.empty();
    }
  }

  static void release(FileLock lock) {
    try {
      lock.release();
    } catch (IOException e) {
      // Of a file that was closed: then it holds none any more.
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
