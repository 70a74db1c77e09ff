// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.store.ObjectStore;
import java.util.Comparator;
import java.util.List;

/**
 * Says on which hosts partitions are best read, where the store knows: where their largest range
 * is. So planning asks once for each task, however many bundles there are.
 */
final class NearHosts {
  /** As many replicas as a file system usually has. */
  private static final int MOST = 3;

  private NearHosts() {}

  static List<StreamPartition> place(List<StreamPartition> partitions, ObjectStore store) {
    return partitions.stream()
        .map(partition -> new StreamPartition(partition.items(), of(partition, store)))
        .toList();
  }

  private static List<String> of(StreamPartition partition, ObjectStore store) {
    return partition.items().stream()
        .max(Comparator.comparingLong(item -> item.range().bytes()))
        .map(largest -> of(largest, store))
        .orElse(List.of());
  }

  private static List<String> of(ReadItem item, ObjectStore store) {
    SlotRange range = item.range();
    BundleDescriptor bundle = range.bundle();
    long begin = bundle.runs().start(bundle.run(0, range.slot()));
    return item.home(store).hosts(bundle.key(), begin, range.bytes(0)).stream()
        .limit(MOST)
        .toList();
  }
}
