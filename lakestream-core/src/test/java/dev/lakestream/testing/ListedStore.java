// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.Atomicity;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Any store as one that tests can look into, so that tests made for {@link MemoryStore} run on a
 * real one. A stream of its own for each test: its store is known to be good.
 */
public final class ListedStore implements InspectedStore {
  private static final int LARGEST = 64 << 20;
  private static final List<ObjectKey> FOLDERS =
      List.of(
          StreamKeys.LOG,
          StreamKeys.SNAPSHOTS,
          StreamKeys.SEGMENTS,
          StreamKeys.HORIZON,
          StreamKeys.DATA,
          StreamKeys.PINS,
          StreamKeys.FORKS);

  private final ObjectStore store;

  public ListedStore(ObjectStore store) {
    this.store = store;
  }

  @Override
  public Map<String, byte[]> contents() {
    return succeed(this::readAll);
  }

  private Map<String, byte[]> readAll() throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    for (ObjectKey single : List.of(StreamKeys.STREAM, StreamKeys.HINT)) {
      if (store.head(single).isPresent()) {
        contents.put(single.value(), store.get(single, LARGEST));
      }
    }
    for (ObjectKey folder : FOLDERS) {
      for (ObjectInfo info : store.list(folder, Optional.empty())) {
        contents.put(info.key().value(), store.get(info.key(), LARGEST));
      }
    }
    return contents;
  }

  @Override
  public List<String> keys(String folder) {
    return succeed(
        () ->
            store.list(ObjectKey.of(folder), Optional.empty()).stream()
                .map(info -> info.key().value())
                .toList());
  }

  @Override
  public void damage(String key, byte[] content) {
    succeed(
        () -> {
          store.put(ObjectKey.of(key), content);
          return true;
        });
  }

  @Override
  public Atomicity atomicity() {
    return Atomicity.certain();
  }

  @Override
  public URI root() {
    return store.root();
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) {
    return succeed(() -> store.putIfAbsent(key, content));
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    store.put(key, content);
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    return store.upload(key);
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    return store.get(key, limit);
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    return store.read(key, offset, length);
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    return store.head(key);
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    return store.list(folder, startAfter);
  }

  @Override
  public void delete(ObjectKey key) {
    succeed(
        () -> {
          store.delete(key);
          return true;
        });
  }

  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    return store.pendingUploads();
  }

  @Override
  public void abort(PendingUpload upload) throws IOException {
    store.abort(upload);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  @FunctionalInterface
  private interface Use<T> {
    T make() throws IOException;
  }

  private static <T> T succeed(Use<T> use) {
    try {
      return use.make();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
