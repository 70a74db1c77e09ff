// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * Looks and tries once in each interval, whatever becomes of it; intervals vary by a tenth, so that
 * two producers do not stay in step. Right for one number of producers and wrong for all others:
 * too slow for few, and with more than (interval ÷ commit latency) of them most attempts are lost.
 */
public final class IntervalCommitPolicy implements CommitPolicy {
  private final long interval;
  private final RandomGenerator random;
  private long due = Long.MIN_VALUE;
  private long lookedAt = Long.MIN_VALUE;

  /**
   * A policy of this interval.
   *
   * @param interval in nanoseconds, at least 1
   */
  public IntervalCommitPolicy(long interval, RandomGenerator random) {
    if (interval < 1) {
      throw new IllegalArgumentException("the interval must be at least 1 ns, it is " + interval);
    }
    this.interval = interval;
    this.random = random;
  }

  @Override
  public void looked(long began, long ended, List<Sighting> entries) {
    lookedAt = ended;
  }

  @Override
  public void won(long began, long ended) {
    tried(began);
  }

  @Override
  public void lost(long began, long ended) {
    tried(began);
  }

  private void tried(long began) {
    due = began + (long) (interval * random.nextDouble(0.9, 1.1));
  }

  @Override
  public Move next(long now, OptionalLong readySince) {
    return whenDue(now, readySince, due, lookedAt);
  }

  /** A look when it is time, then at once an attempt. */
  static Move whenDue(long now, OptionalLong readySince, long due, long lookedAt) {
    if (readySince.isEmpty()) {
      return new Move(Move.Kind.LOOK, Move.NEVER);
    }
    long at = Math.max(readySince.getAsLong(), due);
    return lookedAt >= at
        ? new Move(Move.Kind.COMMIT, now)
        : new Move(Move.Kind.LOOK, Math.max(now, at));
  }
}
