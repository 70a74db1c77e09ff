// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.log.Action;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.Marked;
import dev.lakestream.testing.StreamFixture;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whoever sleeps while the log below it is removed still commits once, or not at all (invariant 6).
 */
@Timeout(60)
class HorizonCrossingTest extends StreamFixture {
  @Test
  void aWriterThatSleptAcrossTheHorizonCommitsOnce() throws Exception {
    LakeStream sleeping = create();
    ProducerSession sleeper = ProducerSession.open(sleeping, "sleeper");
    sleeper.commit(Marked.commit(sleeper, "s1"));
    passTheHorizon(20);
    // The version behind what it last saw is free again: its put succeeds, in the past.
    CommitReceipt receipt = sleeper.commit(Marked.commit(sleeper, "s2"));
    assertThat(receipt.version()).isGreaterThan(20);
    assertThat(receipt.firstStep()).isEqualTo(21);
    assertThat(Marked.in(store, time.environment())).hasSize(22).endsWith("s2").startsWith("s1");
  }

  @Test
  void aWriterThatWasFencedWhileItSleptAcrossTheHorizonCommitsNothing() throws Exception {
    ProducerSession sleeper = ProducerSession.open(create(), "sleeper");
    sleeper.commit(Marked.commit(sleeper, "s1"));
    ProducerSession successor = ProducerSession.open(open(), "sleeper");
    successor.commit(Marked.commit(successor, "n"));
    passTheHorizon(20);
    assertThatThrownBy(() -> sleeper.commit(Marked.commit(sleeper, "z")))
        .isInstanceOf(LakestreamException.class);
    assertThat(Marked.in(store, time.environment())).doesNotContain("z").contains("s1", "n");
  }

  /** Its put was carried out, the answer lost; when it wakes up, the entry is folded and gone. */
  @Test
  void aCommitThatWasFoldedWhileItsOutcomeWasUnknownIsFoundInTheSnapshot() throws Exception {
    ProducerSession sleeper = ProducerSession.open(create(), "sleeper");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_RESPONSE);
    store.before(
        Operation.GET,
        "log/00000000000000000001",
        () -> {
          LakeStream other = open(memory);
          for (int i = 0; i < 5; i++) {
            try {
              ProducerSession session = ProducerSession.open(other, "busy");
              session.commit(Marked.commit(session, "b" + i));
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
          other.writeSnapshot();
          removeBelow(other.state().version());
        });
    CommitReceipt receipt = sleeper.commit(Marked.commit(sleeper, "s1"));
    assertThat(receipt).isEqualTo(new CommitReceipt(1, 0, 1));
    sleeper.commit(Marked.commit(sleeper, "s2"));
    assertThat(Marked.in(store, time.environment()))
        .containsExactly("s1", "b0", "b1", "b2", "b3", "b4", "s2");
  }

  @Test
  void anOpeningThatWasPutIntoThePastOpensAgain() throws Exception {
    LakeStream sleeping = create();
    ProducerSession first = ProducerSession.open(sleeping, "a");
    first.commit(Marked.commit(first, "a1"));
    // After it has seen the tail, and before it puts, the world moves on.
    store.before(Operation.PUT_IF_ABSENT, "log/", () -> passTheHorizon(20));
    ProducerSession session = ProducerSession.open(sleeping, "b");
    session.commit(Marked.commit(session, "b1"));
    assertThat(Marked.in(store, time.environment())).hasSize(22).endsWith("b1");
  }

  @Test
  void anOperatorsActionInThePastIsOfUnknownOutcome() throws Exception {
    LakeStream sleeping = create();
    ProducerSession first = ProducerSession.open(sleeping, "a");
    first.commit(Marked.commit(first, "a1"));
    StreamControl control = new StreamControl(sleeping);
    store.before(Operation.PUT_IF_ABSENT, "log/", () -> passTheHorizon(20));
    assertThatThrownBy(() -> control.commit(new Action.Seal()))
        .isInstanceOf(CommitOutcomeUnknownException.class);
    assertThat(open().state().sealed()).isFalse();
    control.commit(new Action.Seal());
    assertThat(open().state().sealed()).isTrue();
  }
}
