// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.commit.CommitPolicy.Move;
import dev.lakestream.commit.CommitPolicy.Move.Kind;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The policies that DAC is compared with. */
class SimplePoliciesTest {
  private static final OptionalLong NOTHING = OptionalLong.empty();

  @Test
  void immediateTriesWheneverThereIsData() {
    CommitPolicy policy = new ImmediateCommitPolicy();
    assertThat(policy.next(5, NOTHING).at()).isEqualTo(Move.NEVER);
    assertThat(policy.next(5, OptionalLong.of(3))).isEqualTo(new Move(Kind.COMMIT, 5));
    policy.lost(5, 7);
    assertThat(policy.next(7, OptionalLong.of(3))).isEqualTo(new Move(Kind.COMMIT, 7));
  }

  @Test
  void intervalLooksAndTriesOnceInEach() {
    CommitPolicy policy = new IntervalCommitPolicy(1000, new Random(1));
    assertThat(policy.next(50, NOTHING).at()).isEqualTo(Move.NEVER);
    assertThat(policy.next(50, OptionalLong.of(50))).isEqualTo(new Move(Kind.LOOK, 50));
    policy.looked(50, 60, List.of());
    assertThat(policy.next(60, OptionalLong.of(50))).isEqualTo(new Move(Kind.COMMIT, 60));
    policy.lost(60, 90);
    Move next = policy.next(90, OptionalLong.of(50));
    assertThat(next.kind()).isEqualTo(Kind.LOOK);
    assertThat(next.at()).isBetween(960L, 1160L);
    assertThatThrownBy(() -> new IntervalCommitPolicy(0, new Random(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aimdHalvesItsRateWithEachLossAndRecoversSlowly() {
    AimdCommitPolicy policy = new AimdCommitPolicy(0.1, new Random(1));
    long time = 0;
    for (int i = 0; i < 4; i++) {
      policy.lost(time, time);
    }
    // 20 ÷ 2⁴ a second.
    assertThat(waits(policy, time)).isBetween(400_000_000L, 1_200_000_000L);
    for (int i = 0; i < 200; i++) {
      policy.won(time, time);
    }
    assertThat(waits(policy, time)).isBetween(25_000_000L, 75_000_000L);
    for (int i = 0; i < 100; i++) {
      policy.lost(time, time);
    }
    assertThat(waits(policy, time)).isLessThanOrEqualTo(450_000_000_000L);
    assertThatThrownBy(() -> new AimdCommitPolicy(Double.NaN, new Random(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static long waits(CommitPolicy policy, long now) {
    return policy.next(now, OptionalLong.of(now)).at() - now;
  }
}
