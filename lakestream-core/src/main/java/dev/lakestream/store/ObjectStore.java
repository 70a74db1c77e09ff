// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The six operations that the protocol needs of storage, below one root, and the uploads of large
 * objects.
 *
 * <p>Every implementation must keep, and {@code ObjectStoreContract} tests:
 *
 * <ul>
 *   <li>{@link #putIfAbsent} has one winner, whatever races, and never changes an existing object;
 *   <li>an object is visible whole or not at all, and what returned normally is durable;
 *   <li>an object is visible to every other operation of every client once its put returned;
 *   <li>a failed put-if-absent is {@link PutResult#EXISTS}, or {@link OutcomeUnknownException} if
 *       the store may have acted; never a plain error after the store may have acted;
 *   <li>no key leads outside of the root.
 * </ul>
 *
 * <p>Not promised: rename, append, compare-and-set, order or atomicity over several objects, and
 * that {@link #put} is safe against concurrent puts of the same key (the last one wins).
 *
 * <p>Thread-safe. Missing objects are {@link ObjectNotFoundException}.
 */
public interface ObjectStore extends Closeable {
  /** Where this store is, without credentials. */
  URI root();

  /**
   * The store of the stream that the one here would be a fork of: that of the folder two levels up.
   * Shares everything with this store, and is closed with it.
   *
   * @return empty unless this store is a folder of another one
   */
  default Optional<ObjectStore> parent() {
    return Optional.empty();
  }

  /**
   * Whether {@link #putIfAbsent} can be relied on; may ask the store. Unless it is certain, a race
   * must prove it before the first stream is created here ({@link StoreProbe}).
   */
  default Atomicity atomicity() throws IOException {
    return Atomicity.unproven();
  }

  /** Creates the object unless one of this key exists. */
  PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException;

  /** Creates or replaces the object. Only for objects that nobody trusts (hint, heartbeats). */
  void put(ObjectKey key, byte[] content) throws IOException;

  /** Begins the streamed put of a large object under a key that nobody else uses. */
  ObjectUpload upload(ObjectKey key) throws IOException;

  /**
   * Reads a small object whole.
   *
   * @param limit refuse before allocating if the object has more bytes than this
   * @throws dev.lakestream.error.CorruptObjectException if it is larger
   */
  byte[] get(ObjectKey key, int limit) throws IOException;

  /**
   * Reads small objects one after the other, up to the first that is missing. A store whose
   * requests wait for a network may ask for several at once: what is returned are the contents of
   * the objects that come before the first one which was missing when it was asked for.
   *
   * @param keys taken one by one, no more than are needed; a store that asks for several at once
   *     takes at most as many more as it has found
   * @param limit of each, as in {@link #get}
   */
  default List<byte[]> getWhilePresent(Stream<ObjectKey> keys, int limit) throws IOException {
    return GetsAhead.oneByOne(this::get, keys, limit);
  }

  /**
   * Reads a range into memory outside of the heap.
   *
   * @throws dev.lakestream.error.CorruptObjectException if the object ends before the range does
   */
  Region read(ObjectKey key, long offset, int length) throws IOException;

  /** Size and time of an object, or empty if there is none. */
  Optional<ObjectInfo> head(ObjectKey key) throws IOException;

  /**
   * All objects below a folder, however deep, sorted by key.
   *
   * @param folder a key without a trailing slash
   * @param startAfter only keys greater than this one
   */
  List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter) throws IOException;

  /**
   * The names of the folders right below another one, sorted; some may be empty. For those who look
   * for streams: the protocol needs no folders.
   *
   * @param below a key without a trailing slash; empty for the root
   * @throws UnsupportedOperationException if this store can't tell
   */
  default List<String> folders(Optional<ObjectKey> below) throws IOException {
    throw new UnsupportedOperationException(root() + " can't list folders");
  }

  /**
   * Names of hosts that hold a range of an object, those with most of it first; empty if the store
   * knows no such thing. Advice for those who choose where to read it: never fails.
   */
  default List<String> hosts(ObjectKey key, long offset, long length) {
    return List.of();
  }

  /** Removes an object; nothing happens if there is none. */
  void delete(ObjectKey key) throws IOException;

  /**
   * What takes space and is no object yet: uploads at work, and those that a crash left behind. The
   * two look the same; only how long one has stood still tells.
   */
  List<PendingUpload> pendingUploads() throws IOException;

  /**
   * Lets go of an upload; nothing happens if it is finished or gone. If somebody is still at work
   * on it, {@link ObjectUpload#finish()} fails and nothing becomes visible. It never removes an
   * object.
   */
  void abort(PendingUpload upload) throws IOException;

  @Override
  void close() throws IOException;
}
