// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import java.io.IOException;
import java.util.Arrays;

/** What one rank that reads a backlog waits for, and what comes to it. */
final class Reading {
  private static final int FIRST = 4;

  private Reading() {}

  /**
   * What was measured of a pass.
   *
   * @param mean microseconds a batch, from having the first one to having the last one: whatever
   *     the reader did meanwhile, and whatever it answered from what it had
   * @param p50 microseconds from asking for a batch to having the rank's slot of it
   * @param first microseconds until the first batch was there, connections included
   * @param amplification bytes that came ÷ bytes of the rank's slots
   */
  record Pass(double mean, double p50, double p99, double first, double amplification) {}

  /** Reads batches that are all there; the first ones, until connections stand, don't count. */
  static Pass measure(BatchFeed.Opened open, int rank, int batches) throws Exception {
    try (BatchFeed.RankReader reader = open.reader(rank)) {
      double[] micros = new double[batches - FIRST];
      long useful = 0;
      double first = 0;
      double others = 0;
      for (int batch = 0; batch < batches; batch++) {
        long begin = System.nanoTime();
        long bytes = reader.next();
        double waited = (System.nanoTime() - begin) / 1e3;
        if (bytes == 0) {
          throw new IOException("batch " + batch + " has nothing for rank " + rank);
        }
        useful += bytes;
        if (batch == 0) {
          first = waited;
        } else {
          others += waited;
        }
        if (batch >= FIRST) {
          micros[batch - FIRST] = waited;
        }
      }
      Arrays.sort(micros);
      return new Pass(
          others / (batches - 1),
          percentile(micros, 0.5),
          percentile(micros, 0.99),
          first,
          (double) reader.received() / useful);
    }
  }

  static double percentile(double[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1L, Math.round(share * (sorted.length - 1)))];
  }
}
