// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import java.io.IOException;
import java.util.Arrays;

/** What one rank that reads a backlog waits for, and what comes to it. */
final class Reading {
  private Reading() {}

  /**
   * What was measured of some passes, all their steps together.
   *
   * @param mean microseconds a batch, from asking for the first one to having the last one:
   *     whatever the reader did meanwhile, and whatever it answered from what it had
   * @param p50 microseconds from asking for a batch to having the rank's slot of it
   * @param first microseconds until the first batch of a pass was there, the median of passes;
   *     connections stand by then
   * @param amplification bytes that came ÷ bytes of the rank's slots
   */
  record Passes(double mean, double p50, double p99, double first, double amplification) {}

  /** Reads batches that are all there, each pass with a reader that is open and connected. */
  static Passes measure(BatchFeed.Opened open, int rank, int batches, int passes) throws Exception {
    double[] micros = new double[batches * passes];
    double[] firsts = new double[passes];
    long useful = 0;
    long received = 0;
    for (int pass = 0; pass < passes; pass++) {
      try (BatchFeed.RankReader reader = open.reader(rank)) {
        for (int batch = 0; batch < batches; batch++) {
          long begin = System.nanoTime();
          long bytes = reader.next();
          double waited = (System.nanoTime() - begin) / 1e3;
          if (bytes == 0) {
            throw new IOException("batch " + batch + " has nothing for rank " + rank);
          }
          useful += bytes;
          micros[pass * batches + batch] = waited;
        }
        firsts[pass] = micros[pass * batches];
        received += reader.received();
      }
    }
    double mean = Arrays.stream(micros).average().orElseThrow();
    Arrays.sort(micros);
    Arrays.sort(firsts);
    return new Passes(
        mean,
        percentile(micros, 0.5),
        percentile(micros, 0.99),
        percentile(firsts, 0.5),
        (double) received / useful);
  }

  static double percentile(double[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1L, Math.round(share * (sorted.length - 1)))];
  }
}
