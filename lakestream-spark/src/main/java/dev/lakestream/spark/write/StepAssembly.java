// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.store.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The steps of a commit, put together. Pure. */
final class StepAssembly {
  private final List<BundleDescriptor> bundles = new ArrayList<>();
  private final Map<ObjectKey, Integer> indexes = new HashMap<>();
  private final List<StepGroup> groups = new ArrayList<>();

  /** Steps of a task as they are. */
  void add(TaskSteps steps) {
    if (steps instanceof WholeBundle whole) {
      groups.add(new StepGroup.BundleGroup(index(whole.bundle()), whole.steps()));
    } else if (steps instanceof ComposedStep composed) {
      addStep(composed.slots());
    }
  }

  /** One step of these slots, in order. */
  void addStep(List<LeftOverCell> slots) {
    List<CellRange> ranges = new ArrayList<>();
    int first = 0;
    while (first < slots.size()) {
      int next = first + 1;
      while (next < slots.size() && follows(slots.get(next - 1), slots.get(next))) {
        next++;
      }
      ranges.add(
          new CellRange(
              index(slots.get(first).bundle()), slots.get(first).slot(), next - first, 0));
      first = next;
    }
    CellStats stats = CellStats.sum(slots.stream().map(LeftOverCell::stats).toList());
    groups.add(
        new StepGroup.CellGroup(
            ranges,
            stats.asRecord(StepDigest.of(slots.stream().map(LeftOverCell::digest).toList()))));
  }

  CommitContent.Inline content() {
    return new CommitContent.Inline(bundles, groups);
  }

  private static boolean follows(LeftOverCell before, LeftOverCell cell) {
    return before.bundle().key().equals(cell.bundle().key()) && before.slot() + 1 == cell.slot();
  }

  private int index(BundleDescriptor bundle) {
    return indexes.computeIfAbsent(
        bundle.key(),
        absent -> {
          bundles.add(bundle);
          return bundles.size() - 1;
        });
  }
}
