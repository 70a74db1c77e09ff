// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.spark.place.Cut;
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
  private final int rangeSlots;
  private final List<StreamPartition> partitions = new ArrayList<>();
  private final List<ReadItem> open = new ArrayList<>();
  private long openBytes;
  private long allBytes;

  private PartitionPlanner(long partitionBytes, int rangeSlots) {
    this.partitionBytes = Math.max(1, partitionBytes);
    this.rangeSlots = rangeSlots;
  }

  /** Ranges as long as partitions are. */
  static PartitionPlanner ofLongRanges(long partitionBytes) {
    return new PartitionPlanner(partitionBytes, Integer.MAX_VALUE);
  }

  /** One range for each slot, for a reader who may stop soon. */
  static PartitionPlanner ofShortRanges(long partitionBytes) {
    return new PartitionPlanner(partitionBytes, 1);
  }

  /** Adds a part of a group. */
  void add(CommittedGroup group, Cut cut) {
    if (group.isWholeBundle()) {
      add(group, cut, group.sources(cut.firstStep()).get(0), cut.firstStep(), cut.steps());
      return;
    }
    for (long step = cut.firstStep(); step < cut.firstStep() + cut.steps(); step++) {
      for (CellSource source : group.sources(step)) {
        add(group, cut, source, step, 1);
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

  private void add(CommittedGroup group, Cut cut, CellSource source, long step, int steps) {
    BundleDescriptor bundle = source.bundle();
    int first = Math.max(0, cut.firstSlot() - source.slot());
    int end = Math.min(source.count(), cut.firstSlot() + cut.slots() - source.slot());
    while (first < end) {
      int count = 1;
      long bytes = bytes(bundle, source.bundleSlot() + first);
      while (first + count < end && count < rangeSlots) {
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
              group.time(),
              group.producer().id(),
              group.ancestor()),
          bytes);
      first += count;
    }
  }

  private void put(ReadItem item, long bytes) {
    // What is nearer to the size: bundles are a little more than half of it as a rule, and a task
    // for each would be twice as many tasks as are wanted.
    if (openBytes + bytes / 2 >= partitionBytes) {
      close();
    }
    open.add(item);
    openBytes += bytes;
    allBytes += bytes;
  }

  private void close() {
    if (!open.isEmpty()) {
      partitions.add(new StreamPartition(open, List.of()));
      open.clear();
      openBytes = 0;
    }
  }

  private static long bytes(BundleDescriptor bundle, int slot) {
    return SlotRange.only(bundle, slot).bytes();
  }
}
