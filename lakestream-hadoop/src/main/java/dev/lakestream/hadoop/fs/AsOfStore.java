// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.Region;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A store as it would be if nothing had been written into the log after some version, so that a
 * stream opened from it is that of the version. Read only. Shares the store that it looks at, and
 * does not own it.
 */
final class AsOfStore implements ObjectStore {
  private final ObjectStore store;
  private final long version;

  AsOfStore(ObjectStore store, long version) {
    this.store = store;
    this.version = version;
  }

  /**
   * To be called once the stream is open: an entry counts only if no horizon above it shows up
   * afterwards ({@code docs/format.md} §8).
   */
  void requireAboveHorizon() throws IOException {
    for (ObjectInfo info : store.list(StreamKeys.HORIZON, Optional.empty())) {
      OptionalLong horizon = StreamKeys.version(info.key());
      if (horizon.isPresent() && horizon.getAsLong() > version) {
        throw new FileNotFoundException(
            "version "
                + version
                + " is below the horizon "
                + horizon.getAsLong()
                + ": entries of the log from then may have been removed; choose a later version");
      }
    }
  }

  @Override
  public URI root() {
    return store.root();
  }

  @Override
  public Optional<ObjectStore> parent() {
    return store.parent();
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    if (isLater(key)) {
      throw new ObjectNotFoundException(key, root());
    }
    return store.get(key, limit);
  }

  @Override
  public List<byte[]> getWhilePresent(Stream<ObjectKey> keys, int limit) throws IOException {
    return store.getWhilePresent(keys.takeWhile(key -> !isLater(key)), limit);
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    return store.read(key, offset, length);
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    return isLater(key) ? Optional.empty() : store.head(key);
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    return store.list(folder, startAfter).stream().filter(info -> !isLater(info.key())).toList();
  }

  /** Whether it is an entry, a snapshot or a horizon of a later version. */
  private boolean isLater(ObjectKey key) {
    OptionalLong found = StreamKeys.version(key);
    return found.isPresent() && found.getAsLong() > version && isVersioned(key);
  }

  private static boolean isVersioned(ObjectKey key) {
    return List.of(StreamKeys.LOG, StreamKeys.SNAPSHOTS, StreamKeys.HORIZON).stream()
        .anyMatch(folder -> key.value().startsWith(folder + "/"));
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) {
    throw readOnly();
  }

  @Override
  public void put(ObjectKey key, byte[] content) {
    throw readOnly();
  }

  @Override
  public ObjectUpload upload(ObjectKey key) {
    throw readOnly();
  }

  @Override
  public void delete(ObjectKey key) {
    throw readOnly();
  }

  @Override
  public List<PendingUpload> pendingUploads() {
    throw readOnly();
  }

  @Override
  public void abort(PendingUpload upload) {
    throw readOnly();
  }

  private static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("a view of a former version can't be written to");
  }

  @Override
  public void close() {}
}
