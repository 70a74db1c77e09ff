// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a follower waits between two looks at the tail: closer together around the time at which
 * the next commit is to be expected, and ever less often when it is overdue. So some ten looks find
 * a punctual commit within a thirty-second of the usual interval, where as many evenly spread ones
 * would take an eighth.
 *
 * <p>Not thread-safe: the stream guards it.
 */
final class PollRhythm {
  static final Duration SHORTEST = Duration.ofMillis(1);
  static final Duration LONGEST = Duration.ofSeconds(1);

  /** Of the time to the expected commit, or since then, how much passes before the next look. */
  private static final int APPROACH = 3;

  private static final int PRECISION = 32;

  private long version = -1;
  private Instant news;

  PollRhythm(Instant now) {
    this.news = now;
  }

  /** Tells what was found. */
  void looked(long found, Instant now) {
    if (found != version) {
      version = found;
      news = now;
    }
  }

  /**
   * The next pause.
   *
   * @param commitInterval time between the last commits; zero if unknown
   * @param waited how long the caller has waited in vain, by what it knows: a clock may stand still
   */
  Duration next(Duration commitInterval, Duration waited, Instant now) {
    Duration sinceNews = Duration.between(news, now);
    Duration since = waited.compareTo(sinceNews) > 0 ? waited : sinceNews;
    Duration pause = commitInterval.minus(since).abs().dividedBy(APPROACH);
    return atMost(LONGEST, atLeast(SHORTEST, atLeast(commitInterval.dividedBy(PRECISION), pause)));
  }

  private static Duration atLeast(Duration least, Duration value) {
    return value.compareTo(least) < 0 ? least : value;
  }

  private static Duration atMost(Duration most, Duration value) {
    return value.compareTo(most) > 0 ? most : value;
  }
}
