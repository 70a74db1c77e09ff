// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.spark.place.Cut;
import dev.lakestream.spark.place.Extent;
import dev.lakestream.spark.place.PlaceBox;
import dev.lakestream.spark.place.PlaceFilter;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;

/**
 * Goes through the steps of an extent that meet a condition, in order, by the log and its index
 * alone. Steps before the first and after the last that can meet it are passed over by halving, so
 * that a few steps of a long history cost a few look-ups. Not thread-safe.
 */
final class StepWalk {
  private final LakeStream stream;
  private final ReadExtent extent;
  private final PlaceFilter filter;

  /** What is told of the steps. */
  interface Visitor {
    /**
     * A part of a group meets the condition.
     *
     * @return whether to go on
     */
    boolean visit(CommittedGroup group, Cut cut);
  }

  StepWalk(LakeStream stream, ReadExtent extent, PlaceFilter filter) {
    this.stream = stream;
    this.extent = extent;
    this.filter = filter;
  }

  void visit(Visitor visitor) throws IOException {
    if (extent.first() == extent.end()) {
      return;
    }
    boolean isUnlimited = filter.equals(PlaceFilter.everything());
    long step = isUnlimited ? extent.first() : first();
    long end = isUnlimited ? extent.end() : end(step);
    while (step < end) {
      CommittedGroup group = stream.groupOf(step);
      long next = Math.min(end, group.nextStep());
      for (Cut cut : Cut.of(filter, group, step, next)) {
        if (!visitor.visit(group, cut)) {
          return;
        }
      }
      step = next;
    }
  }

  /** No step before this one meets the condition. */
  private long first() throws IOException {
    CommittedGroup group = stream.groupOf(extent.first());
    long low = extent.first();
    long high = extent.end();
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (isOutside(group, extent.first(), stream.groupOf(middle), middle)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Neither this step nor one after it meets the condition. */
  private long end(long first) throws IOException {
    long last = extent.end() - 1;
    CommittedGroup group = stream.groupOf(last);
    long low = first;
    long high = extent.end();
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (isOutside(stream.groupOf(middle), middle, group, last)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private boolean isOutside(
      CommittedGroup firstGroup, long first, CommittedGroup lastGroup, long last) {
    return filter.test(PlaceBox.between(firstGroup, first, lastGroup, last)) == Extent.NONE;
  }
}
