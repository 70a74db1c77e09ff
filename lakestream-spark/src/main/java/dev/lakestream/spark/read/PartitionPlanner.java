// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides cells into partitions of about equal size, in the order of steps: large bundles by slots,
 * since the cells of neighbouring slots are one byte range; small ones are put together. Pure.
 */
final class PartitionPlanner {
  private final long partitionBytes;
  private final List<StreamPartition> partitions = new ArrayList<>();
  private final List<ReadItem> open = new ArrayList<>();
  private long openBytes;
  private long allBytes;

  PartitionPlanner(long partitionBytes) {
    this.partitionBytes = Math.max(1, partitionBytes);
  }

  /** Adds the steps of a group from this one on. */
  void add(CommittedGroup group, long from) {
    if (group.isWholeBundle()) {
      add(group, group.sources(from).get(0), from, (int) (group.nextStep() - from));
      return;
    }
    for (long step = from; step < group.nextStep(); step++) {
      for (CellSource source : group.sources(step)) {
        add(group, source, step, 1);
      }
    }
  }

  List<StreamPartition> finish() {
    close();
    return List.copyOf(partitions);
  }

  /** Bytes of all partitions. */
  long bytes() {
    return allBytes;
  }

  private void add(CommittedGroup group, CellSource source, long step, int steps) {
    BundleDescriptor bundle = source.bundle();
    int first = 0;
    while (first < source.count()) {
      int count = 1;
      long bytes = bytes(bundle, source.bundleSlot() + first);
      while (first + count < source.count()) {
        long more = bytes(bundle, source.bundleSlot() + first + count);
        if (bytes + more > partitionBytes) {
          break;
        }
        bytes += more;
        count++;
      }
      put(
          new ReadItem(
              new SlotRange(bundle, source.bundleSlot() + first, count, source.bundleStep(), steps),
              step,
              source.slot() + first,
              bundle.schema(),
              group.version(),
              group.producer().id(),
              group.ancestor()),
          bytes);
      first += count;
    }
  }

  private void put(ReadItem item, long bytes) {
    if (openBytes + bytes > partitionBytes) {
      close();
    }
    open.add(item);
    openBytes += bytes;
    allBytes += bytes;
  }

  private void close() {
    if (!open.isEmpty()) {
      partitions.add(new StreamPartition(open));
      open.clear();
      openBytes = 0;
    }
  }

  private static long bytes(BundleDescriptor bundle, int slot) {
    return SlotRange.only(bundle, slot).bytes();
  }
}
