// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.Atomicity;
import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Any store as one that tests can look into, so that tests made for {@link MemoryStore} run on a
 * real one. A stream of its own for each test: its store is known to be good.
 */
public final class ListedStore extends ForwardingObjectStore implements InspectedStore {
  private static final int LARGEST = 64 << 20;
  private static final List<ObjectKey> FOLDERS =
      List.of(
          StreamKeys.LOG,
          StreamKeys.SNAPSHOTS,
          StreamKeys.SEGMENTS,
          StreamKeys.HORIZON,
          StreamKeys.DATA,
          StreamKeys.PINS,
          StreamKeys.PROGRESS,
          StreamKeys.STAGING,
          StreamKeys.FORKS);

  public ListedStore(ObjectStore store) {
    super(store);
  }

  @Override
  public Map<String, byte[]> contents() {
    return succeed(this::readAll);
  }

  private Map<String, byte[]> readAll() throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    for (ObjectKey single : List.of(StreamKeys.STREAM, StreamKeys.HINT)) {
      if (delegate().head(single).isPresent()) {
        contents.put(single.value(), delegate().get(single, LARGEST));
      }
    }
    for (ObjectKey folder : FOLDERS) {
      for (ObjectInfo info : delegate().list(folder, Optional.empty())) {
        contents.put(info.key().value(), delegate().get(info.key(), LARGEST));
      }
    }
    return contents;
  }

  @Override
  public List<String> keys(String folder) {
    return succeed(
        () ->
            delegate().list(ObjectKey.of(folder), Optional.empty()).stream()
                .map(info -> info.key().value())
                .toList());
  }

  @Override
  public void damage(String key, byte[] content) {
    succeed(
        () -> {
          delegate().put(ObjectKey.of(key), content);
          return true;
        });
  }

  @Override
  public Atomicity atomicity() {
    return Atomicity.certain();
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) {
    return succeed(() -> delegate().putIfAbsent(key, content));
  }

  @Override
  public void delete(ObjectKey key) {
    succeed(
        () -> {
          delegate().delete(key);
          return true;
        });
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
