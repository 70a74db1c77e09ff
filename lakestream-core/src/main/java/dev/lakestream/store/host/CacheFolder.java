// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.host;

import dev.lakestream.error.InvalidRequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of a cache: which there are, which may go, and whether one more fits. */
final class CacheFolder {
  private static final Pattern RANGE = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern SCRATCH = Pattern.compile("\\.([0-9a-f]{64})\\.[0-9a-f-]{36}");
  private static final Duration IDLE = Duration.ofMinutes(10);

  private final Path folder;
  private final long limit;

  private record Kept(Instant opened, long bytes, Path file) {}

  CacheFolder(Path folder, long limit) {
    this.folder = folder;
    this.limit = limit;
  }

  /** Makes the folder if need be; refuses one that others may write to. */
  static Path own(Path wanted) throws IOException {
    Set<PosixFilePermission> ours = PosixFilePermissions.fromString("rwx------");
    if (!Files.exists(wanted)) {
      Files.createDirectories(wanted, PosixFilePermissions.asFileAttribute(ours));
    }
    Path folder = wanted.toRealPath();
    Set<PosixFilePermission> found = Files.getPosixFilePermissions(folder);
    boolean open =
        found.contains(PosixFilePermission.GROUP_WRITE)
            || found.contains(PosixFilePermission.OTHERS_WRITE);
    if (!Files.isDirectory(folder) || open || !isOurs(folder)) {
      throw new InvalidRequestException(
          "the cache "
              + folder
              + " must be a folder of your own that nobody else may write to: name one that does"
              + " not exist yet");
    }
    return folder;
  }

  /** Whoever may not write to it does not own it; who may, and does not, finds it out here. */
  private static boolean isOurs(Path folder) throws IOException {
    Path probe = Files.createTempFile(folder, ".owner", "");
    try {
      return Files.getAttribute(folder, "unix:uid").equals(Files.getAttribute(probe, "unix:uid"));
    } finally {
      Files.delete(probe);
    }
  }

  Path file(RangeName name) {
    return folder.resolve(name.hex());
  }

  Path scratch(RangeName name, UUID unique) {
    return folder.resolve("." + name.hex() + "." + unique);
  }

  /** A new file of so many bytes, which count from now on; the caller has the right to. */
  Optional<FileChannel> reserve(Path scratch, long bytes, Instant now, HostLocks locks)
      throws IOException {
    if (!makeRoom(bytes, now, locks)) {
      return Optional.empty();
    }
    FileChannel channel =
        FileChannel.open(
            scratch,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    // A write at the end makes it as long as it will be.
    channel.write(ByteBuffer.allocate(1), bytes - 1);
    return Optional.of(channel);
  }

  /** Removes what no living process writes, what is idle, then what was opened longest ago. */
  private boolean makeRoom(long bytes, Instant now, HostLocks locks) throws IOException {
    List<Kept> kept = new ArrayList<>();
    long total = bytes;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Matcher scratch = SCRATCH.matcher(name(file));
        if (!scratch.matches() && !RANGE.matcher(name(file)).matches()) {
          continue;
        }
        try {
          BasicFileAttributes facts =
              Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
          Instant opened = facts.lastModifiedTime().toInstant();
          boolean gone =
              scratch.matches()
                  ? isDead(new RangeName(scratch.group(1)), locks)
                  : opened.isBefore(now.minus(IDLE));
          if (gone) {
            Files.deleteIfExists(file);
          } else {
            total += facts.size();
            if (!scratch.matches()) {
              kept.add(new Kept(opened, facts.size(), file));
            }
          }
        } catch (NoSuchFileException e) {
          // Gone already.
        }
      }
    }
    kept.sort(Comparator.comparing(Kept::opened));
    for (int i = 0; i < kept.size() && total > limit; i++) {
      Files.deleteIfExists(kept.get(i).file());
      total -= kept.get(i).bytes();
    }
    return total <= limit;
  }

  /** Whether nobody fetches a range, so that what is written of it was left by a crash. */
  private static boolean isDead(RangeName name, HostLocks locks) {
    Optional<FileLock> turn = locks.turn(name);
    turn.ifPresent(HostLocks::release);
    return turn.isPresent();
  }

  /** Removes all ranges. */
  void clear() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (RANGE.matcher(name(file)).matches() || SCRATCH.matcher(name(file)).matches()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
