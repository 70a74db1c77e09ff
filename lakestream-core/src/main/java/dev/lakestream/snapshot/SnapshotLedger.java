// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.log.Ledger;
import dev.lakestream.log.ProducerState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Producers and idempotence keys of a snapshot, fetched segment by segment when somebody asks.
 * Remembers no more than its {@link SegmentReader} does.
 */
public final class SnapshotLedger implements Ledger {
  private final KeyedTree<ProducerState> recent;
  private final KeyedTree<ProducerState> older;
  private final KeyedTree<Long> keys;

  public SnapshotLedger(SnapshotRoot root, SegmentReader reader) {
    this.recent =
        new KeyedTree<>(root.recent(), KeyedKind.PRODUCERS, reader, reader::producersById);
    this.older =
        new KeyedTree<>(root.producers(), KeyedKind.PRODUCERS, reader, reader::producersById);
    this.keys = new KeyedTree<>(root.keys(), KeyedKind.KEYS, reader, reader::keys);
  }

  @Override
  public Optional<ProducerState> producer(String id) {
    try {
      Optional<ProducerState> found = recent.find(id);
      return found.isPresent() ? found : older.find(id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<Long> versionOfKey(String idempotenceKey) {
    try {
      return keys.find(idempotenceKey);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All producers of the snapshot, by id: as many as there ever were. */
  public List<ProducerState> allProducers() {
    return producers(List.of(older, recent));
  }

  /** Those that committed last, by id: their number does not grow with the history. */
  public List<ProducerState> recentProducers() {
    return producers(List.of(recent.isEmpty() ? older : recent));
  }

  private static List<ProducerState> producers(List<KeyedTree<ProducerState>> trees) {
    Map<String, ProducerState> byId = new TreeMap<>(Utf8Order.INSTANCE);
    try {
      for (KeyedTree<ProducerState> tree : trees) {
        tree.forEach(byId::put);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(byId.values());
  }
}
