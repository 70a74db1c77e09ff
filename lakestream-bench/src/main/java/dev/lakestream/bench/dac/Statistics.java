// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.dac;

import java.util.Arrays;

/** What is counted between two moments of virtual time. */
final class Statistics {
  /** A millisecond wide; the last one holds whatever is older than 17 minutes. */
  private static final int AGES = 1 << 20;

  private static final long AGE = 1_000_000;

  private final int[] ages = new int[AGES];
  private long begin = Long.MAX_VALUE;
  private long end = Long.MAX_VALUE;
  private long attempts;
  private long wins;
  private long gets;
  private long finished;
  private long committed;

  /** Begins anew, and counts what happens between these. */
  void count(long from, long until) {
    begin = from;
    end = until;
    attempts = 0;
    wins = 0;
    gets = 0;
    finished = 0;
    committed = 0;
    Arrays.fill(ages, 0);
  }

  private boolean counts(long at) {
    return begin <= at && at < end;
  }

  void attempt(long at, boolean won) {
    if (counts(at)) {
      attempts++;
      wins += won ? 1 : 0;
    }
  }

  void gets(long at, int count) {
    if (counts(at)) {
      gets += count;
    }
  }

  void stepFinished(long at) {
    if (counts(at)) {
      finished++;
    }
  }

  void stepCommitted(long at, long finishedAt) {
    if (counts(at)) {
      committed++;
      ages[(int) Math.min(AGES - 1, (at - finishedAt) / AGE)]++;
    }
  }

  /** Won attempts ÷ attempts. */
  double success() {
    return (double) wins / attempts;
  }

  double getsPerCommit() {
    return (double) gets / wins;
  }

  double commitsPerSecond() {
    return wins / ((end - begin) / 1e9);
  }

  /** Steps committed ÷ steps finished. */
  double ingestion() {
    return (double) committed / finished;
  }

  /** The age in seconds that this part of the steps did not exceed when they became visible. */
  double age(double part) {
    long left = (long) Math.ceil(committed * part);
    for (int i = 0; i < AGES; i++) {
      left -= ages[i];
      if (left <= 0 && committed > 0) {
        return (i + 1) * AGE / 1e9;
      }
    }
    return Double.NaN;
  }
}
