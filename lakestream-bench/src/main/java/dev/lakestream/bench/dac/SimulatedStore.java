// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.dac;

import java.util.Random;

/**
 * How long the requests to an object store take: log-normal around their medians, as is measured of
 * S3, with a tail whose 99th percentile is {@code e^(2.33 σ)} times the median.
 *
 * @param putMedian nanoseconds
 * @param getMedian nanoseconds
 * @param sigma of the logarithm
 */
record SimulatedStore(long putMedian, long getMedian, double sigma) {
  /** Conditional puts of 30 ms, gets of 15 ms. */
  static final SimulatedStore S3 = new SimulatedStore(30_000_000, 15_000_000, 0.45);

  /** The longest wait for an answer, a client's time-out of 10 s. */
  private static final double LONGEST = 10e9;

  long put(Random random) {
    return draw(putMedian, random);
  }

  long get(Random random) {
    return draw(getMedian, random);
  }

  /** The part of a put after which the store decides who wins. */
  double decision(Random random) {
    return 0.5 + 0.4 * random.nextDouble();
  }

  /** What a commit without contenders takes: it looks for the tail, and puts behind it. */
  long commitLatency() {
    return putMedian + getMedian;
  }

  private long draw(long median, Random random) {
    return (long) Math.min(LONGEST, median * Math.exp(sigma * random.nextGaussian()));
  }
}
