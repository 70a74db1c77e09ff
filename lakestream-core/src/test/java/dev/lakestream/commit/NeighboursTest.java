// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** One's place in the ring, and that remembering others stays bounded. */
class NeighboursTest {
  private final Neighbours neighbours = new Neighbours();

  private void saw(String... producers) {
    for (String producer : producers) {
      if (producer.equals("me")) {
        neighbours.sawOwn();
      } else {
        neighbours.sawOther(producer, 7);
      }
    }
  }

  @Test
  void predecessorsAreThoseBeforeOnesLastEntryTheNearestFirst() {
    saw("x", "me", "a", "b", "a", "c", "me");
    assertThat(neighbours.predecessors()).containsExactly("c", "a", "b");
    assertThat(neighbours.missing()).isEqualTo(3);
    assertThat(neighbours.areAllMissing()).isTrue();
    saw("b");
    assertThat(neighbours.missing()).isEqualTo(2);
    saw("c");
    assertThat(neighbours.missing()).isZero();
    assertThat(neighbours.nearestCameAt()).isEqualTo(7);
  }

  @Test
  void nobodyIsBeforeOneWhoCommitsTwiceInARow() {
    saw("a", "me", "me");
    assertThat(neighbours.arePresent()).isFalse();
  }

  @Test
  void itsTurnIsOverWhenItsSuccessorComesTwice() {
    saw("a", "me", "b", "c");
    assertThat(neighbours.haveOvertaken()).isFalse();
    saw("b");
    assertThat(neighbours.haveOvertaken()).isTrue();
    saw("me");
    assertThat(neighbours.haveOvertaken()).isFalse();
  }

  @Test
  void longRingsAreKnownByTheirEnd() {
    for (int i = 0; i < 1_000; i++) {
      saw("p" + i);
    }
    saw("me");
    assertThat(neighbours.predecessors()).hasSize(Neighbours.KNOWN).startsWith("p999", "p998");
  }

  @Test
  void oneHundredThousandProducersAreNotRemembered() {
    ActiveProducers active = new ActiveProducers();
    for (int i = 0; i < 100_000; i++) {
      active.saw("p" + i, i);
    }
    assertThat(active.count()).isEqualTo(ActiveProducers.MOST);
    active.saw("p99990", 100_001);
    active.forgetBefore(99_999);
    assertThat(active.count()).isEqualTo(2);
  }
}
