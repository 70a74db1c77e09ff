// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PollRhythmTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  /** When a commit that comes at a time after the last one is found, and by how many looks. */
  private record Found(Duration late, int looks) {
    static Found of(Duration interval, Duration commit) {
      PollRhythm rhythm = new PollRhythm(BEGIN);
      Duration since = Duration.ZERO;
      int looks = 0;
      while (since.compareTo(commit) < 0) {
        since = since.plus(rhythm.next(interval, Duration.ZERO, BEGIN.plus(since)));
        looks++;
      }
      return new Found(since.minus(commit), looks);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {50, 250, 3_000, 20_000})
  void aPunctualCommitIsFoundSoonAndWithFewLooks(long millis) {
    Duration interval = Duration.ofMillis(millis);
    for (int percent = 90; percent <= 110; percent++) {
      Found found = Found.of(interval, interval.multipliedBy(percent).dividedBy(100));
      assertThat(found.late()).isLessThanOrEqualTo(interval.dividedBy(20));
      assertThat(found.looks()).isLessThan(14 + (int) (millis / 1_000));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {50, 250, 2_000})
  void anyOtherCommitIsFoundInAThirdOfWhatItIsEarlyOrLate(long millis) {
    Duration interval = Duration.ofMillis(millis);
    for (int percent = 0; percent <= 400; percent++) {
      Duration commit = interval.multipliedBy(percent).dividedBy(100);
      Duration off = interval.minus(commit).abs();
      // A look at most a pause before the commit chose the pause, by how far off it was itself.
      assertThat(Found.of(interval, commit).late())
          .isLessThanOrEqualTo(off.dividedBy(2).plus(interval.dividedBy(16)));
    }
  }

  @Test
  void whoseRhythmIsUnknownIsLookedForLessAndLessOften() {
    assertThat(Found.of(Duration.ZERO, Duration.ofSeconds(3)).looks()).isBetween(10, 40);
    Found late = Found.of(Duration.ZERO, Duration.ofHours(1));
    assertThat(late.late()).isLessThanOrEqualTo(PollRhythm.LONGEST);
    assertThat(late.looks()).isLessThan(3_700);
  }

  @Test
  void newsBeginTheCountAnewAndLooksInVainDoNot() {
    Duration interval = Duration.ofMillis(600);
    PollRhythm rhythm = new PollRhythm(BEGIN);
    rhythm.looked(7, BEGIN);
    Instant due = BEGIN.plus(interval);
    rhythm.looked(7, due);
    assertThat(rhythm.next(interval, Duration.ZERO, due)).isEqualTo(interval.dividedBy(32));
    rhythm.looked(8, due);
    assertThat(rhythm.next(interval, Duration.ZERO, due)).isEqualTo(interval.dividedBy(3));
  }

  /** A clock that stands still, or is set back, must not make a reader ask without end. */
  @Test
  void whatWasWaitedCountsWhateverTheClockSays() {
    PollRhythm rhythm = new PollRhythm(BEGIN);
    assertThat(rhythm.next(Duration.ZERO, Duration.ofSeconds(1), BEGIN.minusSeconds(60)))
        .isEqualTo(Duration.ofSeconds(1).dividedBy(3));
  }
}
