// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

/** How long the owner's own requests take: a moving average, robust against what is absurd. */
final class RequestLatency {
  /** Of a request that nobody has made yet. */
  private static final long FIRST = 20_000_000;

  private static final long LEAST = 10_000;
  private static final long MOST = 10_000_000_000L;
  private static final double WEIGHT = 1 / 16.0;

  private double average = FIRST;
  private int samples;

  /** Some requests, one after the other, took this time. */
  void add(long nanos, int requests) {
    double one = Math.min(MOST, Math.max(LEAST, (double) nanos / Math.max(1, requests)));
    // The first few count fully; afterwards one slow request is not to change the pace.
    samples = Math.min(samples + 1, 1 << 20);
    double weight = Math.max(1.0 / samples, WEIGHT);
    double bounded = samples > 4 ? Math.min(one, 4 * average) : one;
    average += (bounded - average) * weight;
  }

  long nanos() {
    return (long) average;
  }
}
