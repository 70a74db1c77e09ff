// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.log.BundleDescriptor;
import java.io.Serializable;

/**
 * The cells of consecutive slots of a bundle: of all its steps, or of one.
 *
 * @param slot the first, as the bundle counts
 * @param bundleStep which step, or {@link #ALL_STEPS}
 */
public record SlotRange(BundleDescriptor bundle, int slot, int count, int bundleStep)
    implements Serializable {
  static final int ALL_STEPS = -1;

  /** One slot of a bundle of one step. */
  public static SlotRange only(BundleDescriptor bundle, int slot) {
    return new SlotRange(bundle, slot, 1, 0);
  }

  int firstBundleStep() {
    return bundleStep == ALL_STEPS ? 0 : bundleStep;
  }

  int steps() {
    return bundleStep == ALL_STEPS ? bundle.steps() : 1;
  }

  /** Bytes to fetch for one piece. */
  long bytes(int piece) {
    return bundle.runs().start(bundle.run(piece, slot) + count)
        - bundle.runs().start(bundle.run(piece, slot));
  }

  long bytes() {
    long sum = 0;
    for (int piece = 0; piece < bundle.pieces(); piece++) {
      sum += bytes(piece);
    }
    return sum;
  }
}
