// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.log.Totals;

/**
 * A part of the index: the commits of a range of steps.
 *
 * @param node whether the segment holds refs instead of commits
 * @param before totals of the stream before its first step
 * @param steps how many steps it covers
 */
public record IndexRef(SegmentLocation where, boolean node, Totals before, long steps) {
  public long firstStep() {
    return before.steps();
  }

  public long nextStep() {
    return before.steps() + steps;
  }
}
