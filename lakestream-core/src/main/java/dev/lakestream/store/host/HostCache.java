// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.host;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * A folder of ranges that the processes of a host share: the first to want one fetches it and
 * leaves a file, the others map that. There is no daemon. What must not outlive a process is a lock
 * of a byte of a file, which the kernel takes back; a file is complete before it has its name, and
 * everybody compares its checksum before using it. Python's readers share the same folder.
 *
 * <p>Must:
 *
 * <ul>
 *   <li>deliver the bytes of the store whatever is in the folder, and whatever fails there;
 *   <li>keep the files within the limit. Whoever has mapped one keeps its bytes when it goes;
 *   <li>empty the folder when the last process closes it.
 * </ul>
 *
 * <p>Thread-safe. A process opens a folder once: closing it lets go of all of the process's locks.
 */
public final class HostCache implements Closeable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration ROOM_PATIENCE = Duration.ofSeconds(2);
  private static final long LONGEST_PAUSE_MILLIS = 8;

  private final CacheFolder folder;
  private final long limit;
  private final HostLocks locks;
  private final CacheEnvironment environment;
  private final Optional<FileLock> presence;
  private volatile boolean closed;

  private HostCache(CacheFolder folder, long limit, HostLocks locks, CacheEnvironment environment) {
    this.folder = folder;
    this.limit = limit;
    this.locks = locks;
    this.environment = environment;
    this.presence = locks.presence();
  }

  /**
   * Opens a cache.
   *
   * @param folder is made if it does not exist; in memory ({@code /dev/shm/…}) or on a local disk
   * @param limit how many bytes its files may take
   * @throws InvalidRequestException if others may write to the folder
   */
  public static HostCache at(Path folder, long limit) throws IOException {
    return at(folder, limit, CacheEnvironment.system());
  }

  static HostCache at(Path folder, long limit, CacheEnvironment environment) throws IOException {
    if (limit < 0) {
      throw new InvalidRequestException("a cache of " + limit + " bytes");
    }
    Path own = CacheFolder.own(folder);
    return new HostCache(new CacheFolder(own, limit), limit, HostLocks.of(own), environment);
  }

  /**
   * The bundles of a stream, read through this cache; all else goes to the store itself. Closing it
   * closes nothing. Files are mapped anyway: then it is the store.
   *
   * @param stream its id, since keys mean nothing without
   */
  public ObjectStore over(ObjectStore store, UUID stream) {
    return "file".equals(store.root().getScheme()) ? store : new CachedStore(this, store, stream);
  }

  private Region read(ObjectStore store, UUID stream, ObjectKey key, long offset, int length)
      throws IOException {
    if (closed || length == 0) {
      return store.read(key, offset, length);
    }
    RangeName name = RangeName.of(stream, key, offset, length);
    Optional<Region> found = open(name, length);
    if (found.isPresent()) {
      return found.get();
    }
    Optional<FileLock> turn = awaitTurn(name);
    try {
      // Somebody may have fetched it meanwhile, or takes too long.
      found = open(name, length);
      if (found.isPresent()) {
        return found.get();
      }
      Region fetched = store.read(key, offset, length);
      return turn.isPresent() ? keep(name, fetched) : fetched;
    } finally {
      turn.ifPresent(HostLocks::release);
    }
  }

  private Optional<Region> open(RangeName name, int length) {
    return RangeFile.openVerified(folder.file(name), name, length, environment.clock().instant());
  }

  /** The right to fetch; empty once somebody else has fetched, or takes too long. */
  private Optional<FileLock> awaitTurn(RangeName name) throws IOException {
    long began = environment.nanos().getAsLong();
    long pause = 1;
    while (true) {
      Optional<FileLock> turn = locks.turn(name);
      if (turn.isPresent() || isOver(began, PATIENCE) || closed) {
        return turn;
      }
      environment.pauseFor(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      if (Files.exists(folder.file(name))) {
        return Optional.empty();
      }
    }
  }

  /**
   * Makes a file of what was fetched, and lets go of that; or, if there is no room, hands it on.
   */
  private Region keep(RangeName name, Region fetched) {
    Path scratch = folder.scratch(name, environment.uuids().get());
    try {
      long bytes = (long) fetched.bytes().remaining() + RangeFile.FOOTER_BYTES;
      Optional<FileChannel> reserved = reserve(scratch, bytes);
      if (reserved.isEmpty()) {
        return fetched;
      }
      Region kept;
      try (FileChannel channel = reserved.get()) {
        kept = RangeFile.fill(channel, name, fetched.bytes().duplicate());
      }
      Files.move(scratch, folder.file(name), StandardCopyOption.ATOMIC_MOVE);
      fetched.close();
      return kept;
    } catch (IOException e) {
      // A full disk, as a rule.
      discard(scratch);
      return fetched;
    }
  }

  private Optional<FileChannel> reserve(Path scratch, long bytes) throws IOException {
    if (bytes > limit) {
      return Optional.empty();
    }
    long began = environment.nanos().getAsLong();
    Optional<FileLock> room = locks.room();
    while (room.isEmpty() && !isOver(began, ROOM_PATIENCE) && !closed) {
      environment.pauseFor(1);
      room = locks.room();
    }
    if (room.isEmpty()) {
      return Optional.empty();
    }
    try {
      return folder.reserve(scratch, bytes, environment.clock().instant(), locks);
    } finally {
      HostLocks.release(room.get());
    }
  }

  private boolean isOver(long began, Duration patience) {
    return environment.nanos().getAsLong() - began >= patience.toNanos();
  }

  private static void discard(Path scratch) {
    try {
      Files.deleteIfExists(scratch);
    } catch (IOException e) {
      // Whoever makes room finds it.
    }
  }

  /** Ends this process's use of the folder. The last one to leave removes all files. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (locks) {
      // Of those that leave at the same time one is the last: each lets go first, then looks.
      presence.ifPresent(HostLocks::release);
      Optional<FileLock> alone = locks.nobodyElse();
      if (alone.isPresent()) {
        folder.clear();
      }
    }
  }

  private static final class CachedStore extends ForwardingObjectStore {
    private final HostCache cache;
    private final UUID stream;

    CachedStore(HostCache cache, ObjectStore store, UUID stream) {
      super(store);
      this.cache = cache;
      this.stream = stream;
    }

    @Override
    public Region read(ObjectKey key, long offset, int length) throws IOException {
      return cache.read(delegate(), stream, key, offset, length);
    }

    @Override
    public void close() {}
  }
}
