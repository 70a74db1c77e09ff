// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * Additive increase, multiplicative decrease of the rate of attempts, as TCP does it: a won race
 * adds a little to the rate, a lost one halves it. Each wait is drawn from 0.5 to 1.5 of the
 * interval, and each attempt is preceded by a look. Adapts to any number of producers, but learns
 * from its own collisions only, so it has to go on colliding to know where it is.
 */
public final class AimdCommitPolicy implements CommitPolicy {
  private static final double SECOND = 1e9;
  private static final double HIGHEST = 20;
  private static final double LOWEST = 1 / 300.0;

  private final double increase;
  private final RandomGenerator random;
  private double rate = HIGHEST;
  private long due = Long.MIN_VALUE;
  private long lookedAt = Long.MIN_VALUE;

  /**
   * A policy that begins at its highest rate, 20 attempts a second.
   *
   * @param increase attempts a second that a won race adds, above 0 and at most 20
   */
  public AimdCommitPolicy(double increase, RandomGenerator random) {
    if (!(increase > 0 && increase <= HIGHEST)) {
      throw new IllegalArgumentException(
          "the increase must be above 0 and at most " + HIGHEST + ", it is " + increase);
    }
    this.increase = increase;
    this.random = random;
  }

  @Override
  public void looked(long began, long ended, List<Sighting> entries) {
    lookedAt = ended;
  }

  @Override
  public void won(long began, long ended) {
    rate = Math.min(HIGHEST, rate + increase);
    pauseFrom(ended);
  }

  @Override
  public void lost(long began, long ended) {
    rate = Math.max(LOWEST, rate / 2);
    pauseFrom(ended);
  }

  private void pauseFrom(long time) {
    due = time + (long) (SECOND / rate * random.nextDouble(0.5, 1.5));
  }

  @Override
  public Move next(long now, OptionalLong readySince) {
    return IntervalCommitPolicy.whenDue(now, readySince, due, lookedAt);
  }
}
