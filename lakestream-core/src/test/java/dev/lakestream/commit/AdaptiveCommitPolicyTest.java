// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.commit.CommitPolicy.Move;
import dev.lakestream.commit.CommitPolicy.Move.Kind;
import dev.lakestream.commit.CommitPolicy.Sighting;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DAC as one producer sees it: the log is what the test says that it is. */
class AdaptiveCommitPolicyTest {
  private static final long MS = 1_000_000;
  private static final long GET = 15 * MS;
  private static final long PUT = 30 * MS;
  private static final String SELF = "me";

  private final Random policyRandom = new Random(1);
  private final AdaptiveCommitPolicy policy = new AdaptiveCommitPolicy(SELF, policyRandom);
  private long now = 1_000 * MS;
  private long version;

  /** Reads these entries, and the one that is not there. */
  private void look(String... producers) {
    List<Sighting> entries = new ArrayList<>();
    for (String producer : producers) {
      entries.add(new Sighting(version++, producer));
    }
    long began = now;
    now += GET * (entries.size() + 1);
    policy.looked(began, now, entries);
  }

  private void win() {
    long began = now;
    now += PUT;
    policy.won(began, now);
    look(SELF);
  }

  private void lose(String... winners) {
    long began = now;
    now += PUT;
    policy.lost(began, now);
    look(winners);
  }

  private Move next() {
    return policy.next(now, OptionalLong.of(now));
  }

  /** Looks in vain as the policy asks for it, until it wants to commit. */
  private long waitForCommit() {
    long begin = now;
    for (int i = 0; i < 10_000; i++) {
      Move move = policy.next(now, OptionalLong.of(begin));
      assertThat(move.at()).isGreaterThanOrEqualTo(now);
      now = move.at();
      if (move.kind() == Kind.COMMIT) {
        return now - begin;
      }
      look();
    }
    throw new AssertionError("never commits");
  }

  /** A ring of these before me, in which I have just had my turn twice. */
  private void settle(String... before) {
    for (int round = 0; round < 2; round++) {
      look(before);
      win();
    }
  }

  @Test
  void whoIsAloneCommitsAtOnceAndNeverLooks() {
    for (int i = 0; i < 20; i++) {
      assertThat(next()).isEqualTo(new Move(Kind.COMMIT, now));
      win();
      assertThat(policy.next(now, OptionalLong.empty())).isEqualTo(new Move(Kind.LOOK, Move.NEVER));
      now += 250 * MS;
    }
    assertThat(policy.interval()).hasValue(PUT + 2 * GET + 250 * MS);
  }

  @Test
  void waitsForItsPredecessorAndThenForTheRestOfASlot() {
    settle("b", "c", "a");
    look("b");
    Move far = next();
    assertThat(far.kind()).isEqualTo(Kind.LOOK);
    look("c");
    assertThat(next().kind()).isEqualTo(Kind.LOOK);
    look("a");
    Move turn = next();
    assertThat(turn.kind()).isEqualTo(Kind.COMMIT);
    assertThat(turn.at() - now).isBetween(0L, 45 * MS);
  }

  @Test
  void whoLeftIsWaitedForOnceAndThenForgotten() {
    settle("b", "c", "a");
    look("b", "c");
    long held = waitForCommit();
    assertThat(held).isBetween(50 * MS, 400 * MS);
    win();
    look("b", "c");
    assertThat(next().kind()).isEqualTo(Kind.COMMIT);
  }

  /** Two missing ones are waited for longer than one, so that the ring skips them in order. */
  @Test
  void waitsOneHoldMoreForEachThatIsMissing() {
    settle("b", "c", "a");
    AdaptiveCommitPolicyTest other = new AdaptiveCommitPolicyTest();
    other.settle("b", "c", "a");
    look("b", "c");
    other.look("b");
    other.now = now;
    assertThat(other.waitForCommit()).isGreaterThan(waitForCommit() + 50 * MS);
  }

  @Test
  void whenTheWholeRingStandsStillItGoesOn() {
    settle("a", "b", "c", "d", "e");
    assertThat(waitForCommit()).isBetween(200 * MS, 2_000 * MS);
  }

  @Test
  void aThousandThatLeaveAtOnceDoNotHoldItForLong() {
    String[] many = new String[1000];
    for (int i = 0; i < many.length; i++) {
      many[i] = "p" + i;
    }
    settle(many);
    assertThat(waitForCommit()).isLessThan(20_000 * MS);
  }

  @Test
  void triesAgainAtOnceAfterTheFirstLossAndDrawsAMomentAfterMore() {
    settle("a", "b");
    look("a", "b");
    waitForCommit();
    lose("intruder");
    Move again = next();
    assertThat(again.kind()).isEqualTo(Kind.COMMIT);
    assertThat(again.at() - now).isLessThan(60 * MS);
    long longest = 0;
    for (int i = 0; i < 12; i++) {
      lose("another" + i);
      longest = Math.max(longest, waitForCommit());
    }
    assertThat(longest).isBetween(100 * MS, 4_000 * MS);
  }

  @Test
  void whoIsNewSpreadsOverTheRingThatItSees() {
    String[] ring = new String[100];
    for (int i = 0; i < ring.length; i++) {
      ring[i] = "p" + i;
    }
    long sum = 0;
    for (int seed = 0; seed < 50; seed++) {
      AdaptiveCommitPolicyTest newcomer = new AdaptiveCommitPolicyTest();
      for (int drawn = 0; drawn < seed; drawn++) {
        newcomer.policyRandom.nextDouble();
      }
      newcomer.look(ring);
      assertThat(newcomer.next().kind()).isEqualTo(Kind.COMMIT);
      newcomer.lose("winner");
      sum += newcomer.waitForCommit();
    }
    // 100 slots of 1.3 × 45 ms are 5.9 s: on average half of it.
    assertThat(sum / 50).isBetween(2_000 * MS, 4_500 * MS);
  }

  @Test
  void goesWhenItsTurnWentBy() {
    settle("a", "b");
    look("c");
    look("d", "c");
    assertThat(next()).isEqualTo(new Move(Kind.COMMIT, now));
  }

  /** Data that comes once a minute finds no predecessor to wait for. */
  @Test
  void whoHasSeldomSomethingDoesNotWait() {
    settle("a", "b");
    now += 120_000 * MS;
    look("x", "y", "z");
    assertThat(waitForCommit()).isLessThan(2 * GET);
  }

  @Test
  void entriesOfNobodyAreSeenAndNotWaitedFor() {
    settle("a", "");
    look("a");
    assertThat(next().kind()).isEqualTo(Kind.COMMIT);
  }

  /** Only differences of one's own clock count, and a clock that is set back stands still. */
  @Test
  void aClockThatIsSetBackHarmsNothing() {
    settle("a", "b");
    long before = now;
    now -= 3_600_000 * MS;
    Move move = next();
    assertThat(move.at()).isGreaterThanOrEqualTo(before);
    look("a");
    look("b");
    now = before;
    look();
    assertThat(waitForCommit()).isLessThan(1_000 * MS);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE / 4, -5, 0, 7, Long.MAX_VALUE / 4})
  void theZeroOfTheClockMeansNothing(long zero) {
    now = zero;
    settle("a", "b", "c");
    look("a");
    look("b");
    look("c");
    assertThat(waitForCommit()).isLessThan(200 * MS);
  }

  /** Whatever happens in whatever order: never the past, and never for ever while there is data. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void keepsItsPromisesInAnyOrderOfEvents(int seed) {
    Random random = new Random(seed);
    int names = 1 << random.nextInt(8);
    for (int event = 0; event < 20_000; event++) {
      now += (long) (Math.exp(random.nextDouble() * 24) - 1000);
      switch (random.nextInt(4)) {
        case 0 -> win();
        case 1 -> lose("p" + random.nextInt(names));
        default -> {
          String[] entries = new String[random.nextInt(6)];
          for (int i = 0; i < entries.length; i++) {
            int who = random.nextInt(names + 2);
            entries[i] = who == names ? SELF : who > names ? "" : "p" + who;
          }
          look(entries);
        }
      }
      Move move =
          policy.next(
              now,
              random.nextBoolean()
                  ? OptionalLong.empty()
                  : OptionalLong.of(now - random.nextInt(1_000_000_000)));
      assertThat(move.at()).isGreaterThanOrEqualTo(now);
      if (event % 1000 == 0) {
        assertThat(waitForCommit()).isLessThan(600_000 * MS);
      }
    }
  }
}
