// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.log.Ledger;
import dev.lakestream.log.ProducerState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Producers and idempotence keys of a snapshot, fetched segment by segment when somebody asks. Not
 * thread-safe.
 */
public final class SnapshotLedger implements Ledger {
  private final SnapshotRoot root;
  private final SegmentReader reader;
  private final Map<KeyedRef, Map<String, ProducerState>> producers = new HashMap<>();
  private final Map<KeyedRef, SortedMap<String, Long>> keys = new HashMap<>();

  public SnapshotLedger(SnapshotRoot root, SegmentReader reader) {
    this.root = root;
    this.reader = reader;
  }

  @Override
  public Optional<ProducerState> producer(String id) {
    return covering(root.producers(), id).map(ref -> load(ref).get(id));
  }

  @Override
  public boolean hasKey(String idempotenceKey) {
    return covering(root.keys(), idempotenceKey)
        .filter(ref -> loadKeys(ref).containsKey(idempotenceKey))
        .isPresent();
  }

  /** All producers of the snapshot, by id. */
  public List<ProducerState> allProducers() {
    List<ProducerState> all = new ArrayList<>();
    root.producers().forEach(ref -> all.addAll(load(ref).values()));
    return all;
  }

  /** All idempotence keys of the snapshot with the version of their commit. */
  SortedMap<String, Long> allKeys() {
    SortedMap<String, Long> all = new TreeMap<>(Utf8Order.INSTANCE);
    root.keys().forEach(ref -> all.putAll(loadKeys(ref)));
    return all;
  }

  private static Optional<KeyedRef> covering(List<KeyedRef> refs, String key) {
    int low = 0;
    int high = refs.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      KeyedRef ref = refs.get(middle);
      if (Utf8Order.INSTANCE.compare(key, ref.first()) < 0) {
        high = middle - 1;
      } else if (Utf8Order.INSTANCE.compare(key, ref.last()) > 0) {
        low = middle + 1;
      } else {
        return Optional.of(ref);
      }
    }
    return Optional.empty();
  }

  private Map<String, ProducerState> load(KeyedRef ref) {
    return producers.computeIfAbsent(
        ref,
        absent -> {
          try {
            Map<String, ProducerState> byId = new java.util.LinkedHashMap<>();
            reader.producers(ref).forEach(producer -> byId.put(producer.id(), producer));
            return byId;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private SortedMap<String, Long> loadKeys(KeyedRef ref) {
    return keys.computeIfAbsent(
        ref,
        absent -> {
          try {
            return reader.keys(ref);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
