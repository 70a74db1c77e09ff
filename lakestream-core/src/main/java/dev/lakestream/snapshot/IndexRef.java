// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.log.Totals;

/**
 * A part of the index: the commits of a range of steps.
 *
 * @param height 0 if the segment holds commits; otherwise it holds refs, all of lower heights
 * @param before totals of the stream before its first step
 * @param covered what its steps add up to
 */
public record IndexRef(SegmentLocation where, int height, Totals before, Totals covered) {
  /** Whether the segment holds refs instead of commits. */
  public boolean node() {
    return height > 0;
  }

  public long firstStep() {
    return before.steps();
  }

  public long nextStep() {
    return before.steps() + covered.steps();
  }

  /** Totals of the stream with its last step. */
  public Totals after() {
    return before.plus(covered);
  }
}
