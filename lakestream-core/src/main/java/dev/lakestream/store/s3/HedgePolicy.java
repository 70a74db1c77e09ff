// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import java.time.Duration;
import java.util.Arrays;

/**
 * When a request that has no answer yet is sent a second time: once it has waited longer than 95 of
 * 100 recent ones did, and no more often than for one request in ten, or a store that is slow for
 * everybody would get twice the load. Thread-safe.
 */
final class HedgePolicy {
  private static final int WINDOW = 128;
  private static final int ENOUGH = 16;
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(2);
  private static final Duration SHORTEST_STALL = Duration.ofMillis(500);
  private static final double EARNED_BY_A_REQUEST = 0.1;
  private static final double MOST_SAVED = 8;

  private final long[] recent = new long[WINDOW];
  private int recorded;
  private double saved = MOST_SAVED / 2;
  private Duration delay = LONGEST;

  /** How long to wait for an answer before {@link #mayHedge} is asked. */
  synchronized Duration delay() {
    saved = Math.min(MOST_SAVED, saved + EARNED_BY_A_REQUEST);
    return delay;
  }

  /** How long a body that has begun may bring nothing before {@link #mayHedge} is asked. */
  synchronized Duration stallPatience() {
    Duration late = delay.multipliedBy(4);
    return late.compareTo(SHORTEST_STALL) < 0
        ? SHORTEST_STALL
        : late.compareTo(LONGEST) > 0 ? LONGEST : late;
  }

  /** Whether a second request may be sent now; counts it. */
  synchronized boolean mayHedge() {
    if (saved < 1) {
      return false;
    }
    saved--;
    return true;
  }

  /** An answer came after so many nanoseconds. */
  synchronized void answered(long nanos) {
    recent[recorded++ % WINDOW] = nanos;
    if (recorded >= ENOUGH && recorded % ENOUGH == 0) {
      int known = Math.min(recorded, WINDOW);
      long[] sorted = Arrays.copyOf(recent, known);
      Arrays.sort(sorted);
      // Twice the 95th of 100: what is merely a bit late is as fast as a new request.
      Duration late = Duration.ofNanos(2 * sorted[known * 95 / 100]);
      delay =
          late.compareTo(SHORTEST) < 0 ? SHORTEST : late.compareTo(LONGEST) > 0 ? LONGEST : late;
    }
    if (recorded == Integer.MAX_VALUE) {
      recorded = WINDOW;
    }
  }
}
