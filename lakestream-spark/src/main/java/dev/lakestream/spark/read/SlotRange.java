// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.log.BundleDescriptor;
import java.io.Serializable;

/**
 * The cells of consecutive slots and consecutive steps of a bundle.
 *
 * @param slot the first, as the bundle counts
 * @param count of slots
 * @param bundleStep the first, as the bundle counts
 */
public record SlotRange(BundleDescriptor bundle, int slot, int count, int bundleStep, int steps)
    implements Serializable {

  /** One slot of a bundle of one step. */
  public static SlotRange only(BundleDescriptor bundle, int slot) {
    return new SlotRange(bundle, slot, 1, 0, 1);
  }

  /** Bytes to fetch for one piece: whole runs, whatever the steps. */
  long bytes(int piece) {
    int run = bundle.run(piece, slot);
    return bundle.runs().start(run + count) - bundle.runs().start(run);
  }

  long bytes() {
    long sum = 0;
    for (int piece = 0; piece < bundle.pieces(); piece++) {
      sum += bytes(piece);
    }
    return sum;
  }
}
