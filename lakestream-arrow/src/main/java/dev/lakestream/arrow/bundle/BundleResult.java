// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.format.Digest;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.StepRecord;
import java.io.Serializable;
import java.util.List;

/**
 * A finished bundle, as a commit will describe it. Travels between processes.
 *
 * @param steps of the bundle, K of them
 */
public record BundleResult(BundleDescriptor descriptor, List<BundleStep> steps)
    implements Serializable {
  public BundleResult {
    steps = List.copyOf(steps);
  }

  /**
   * One step of the bundle.
   *
   * @param digest of the step if it is taken as it is
   * @param slots in order
   */
  public record BundleStep(long rows, long tokens, Digest digest, List<SlotSummary> slots)
      implements Serializable {
    public BundleStep {
      slots = List.copyOf(slots);
    }

    static BundleStep of(List<SlotSummary> slots) {
      return new BundleStep(
          slots.stream().mapToLong(SlotSummary::rows).sum(),
          slots.stream().mapToLong(SlotSummary::tokens).sum(),
          StepDigest.of(slots.stream().map(SlotSummary::digest).toList()),
          slots);
    }

    /** What the log says of this step, if nothing else is to be said. */
    public StepRecord asRecord() {
      return StepRecord.of(rows, tokens, digest);
    }
  }

  /**
   * One slot of a step, as far as a step composed of several bundles needs it.
   *
   * @param digest over the directory entries of its pieces
   */
  public record SlotSummary(long rows, long tokens, Digest digest) implements Serializable {}
}
