// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import java.time.Duration;

/**
 * How long a follower waits between two looks at the tail: short when commits come often, longer
 * the more looks were in vain. Pure.
 */
final class PollRhythm {
  static final Duration SHORTEST = Duration.ofMillis(2);
  static final Duration LONGEST = Duration.ofSeconds(1);
  private static final int LOOKS_PER_COMMIT = 8;
  private static final int MAX_DOUBLINGS = 9;

  private PollRhythm() {}

  /**
   * The next pause.
   *
   * @param commitInterval time between the last commits; zero if unknown
   * @param vainLooks looks since the last one that found something
   */
  static Duration next(Duration commitInterval, int vainLooks) {
    Duration first = commitInterval.dividedBy(LOOKS_PER_COMMIT);
    Duration base = first.compareTo(SHORTEST) < 0 ? SHORTEST : first;
    Duration pause = base.multipliedBy(1L << Math.min(vainLooks / 4, MAX_DOUBLINGS));
    return pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
  }
}
