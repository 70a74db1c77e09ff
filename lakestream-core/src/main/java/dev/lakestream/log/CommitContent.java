// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import java.util.List;

/** The steps of a commit: in the entry itself, or in segments that it names. */
public sealed interface CommitContent {
  /** No steps, no bundles. */
  static CommitContent none() {
    return new Inline(List.of(), List.of());
  }

  /** How many steps, rows and tokens this is. */
  Totals totals();

  default boolean isEmpty() {
    return equals(none());
  }

  /** In the entry, or in one segment. */
  record Inline(List<BundleDescriptor> bundles, List<StepGroup> groups) implements CommitContent {
    public Inline {
      bundles = List.copyOf(bundles);
      groups = List.copyOf(groups);
    }

    @Override
    public Totals totals() {
      Totals sum = Totals.ZERO;
      for (StepGroup group : groups) {
        sum = sum.plus(Totals.of(group.steps()));
      }
      return sum;
    }
  }

  /** In segments, in this order. */
  record Segmented(List<SegmentRef> segments) implements CommitContent {
    public Segmented {
      segments = List.copyOf(segments);
    }

    @Override
    public Totals totals() {
      Totals sum = Totals.ZERO;
      for (SegmentRef segment : segments) {
        sum = sum.plus(segment.totals());
      }
      return sum;
    }
  }
}
