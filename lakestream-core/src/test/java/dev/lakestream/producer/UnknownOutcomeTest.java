// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.Marked;
import dev.lakestream.testing.MemoryStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.StreamFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A commit is made once whatever the store answers, or does not (invariant 6). */
@Timeout(60)
class UnknownOutcomeTest extends StreamFixture {
  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"LOST_RESPONSE", "LOST_REQUEST", "LATE"})
  void anUnknownOutcomeIsResolvedAtTheSameVersion(Fault fault) throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    for (int repeated = 1; repeated <= 3; repeated++) {
      for (int i = 0; i < repeated; i++) {
        store.plan(Operation.PUT_IF_ABSENT, "log/", fault);
      }
      assertThat(session.commit(Marked.commit(session, "m" + repeated)))
          .isEqualTo(new CommitReceipt(repeated, repeated - 1, 1));
      store.landLate();
    }
    assertThat(store.openPlans()).isZero();
    assertThat(Marked.in(store, time.environment())).containsExactly("m1", "m2", "m3");
    assertThat(memory.keys("log")).hasSize(4);
  }

  /** The late put of another producer wins the version that ours was on its way to. */
  @Test
  void aLatePutOfSomebodyElseIsAConflictLikeAnyOther() throws Exception {
    LakeStream stream = create();
    ProducerSession a = ProducerSession.open(stream, "a");
    ProducerSession b = ProducerSession.open(open(), "b");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LATE);
    // After the first attempt of a, its late put lands only when b has committed.
    store.before(
        Operation.PUT_IF_ABSENT,
        "log/",
        () -> {
          quietly(() -> b.commit(Marked.commit(b, "b")));
          store.landLate();
        });
    a.commit(Marked.commit(a, "a"));
    assertThat(Marked.in(store, time.environment())).containsExactlyInAnyOrder("a", "b");
  }

  /** A refusal after an answer that never came proves nothing about the first attempt. */
  @Test
  void aCertainFailureAfterAnUnknownOutcomeIsUnknown() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_RESPONSE);
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.REFUSED);
    assertThat(session.commit(Marked.commit(session, "a")).firstStep()).isZero();
    assertThat(Marked.in(store, time.environment())).containsExactly("a");
  }

  @Test
  void aStoreThatNeverSaysLeavesTheSessionInDoubt() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.randomly(1, 1.0);
    assertThatThrownBy(() -> session.commit(Marked.commit(session, "a")))
        .isInstanceOf(CommitOutcomeUnknownException.class)
        .hasMessageContaining("log/00000000000000000001.json")
        .hasMessageContaining("nothing was deleted");
    assertThat(time.paused()).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(3));
    store.randomly(1, 0);
    // What came late must not be taken for the next commit, nor the next one for it.
    assertThatThrownBy(() -> session.commit(Marked.commit(session, "b")))
        .isInstanceOf(CommitOutcomeUnknownException.class);
    store.landLate();
    ProducerSession next = ProducerSession.open(open(), "tok");
    List<String> marks = Marked.in(store, time.environment());
    assertThat(next.state()).isEqualTo(marks.isEmpty() ? "" : "a");
    next.commit(Marked.commit(next, "b"));
    store.landLate();
    marks.add("b");
    assertThat(Marked.in(store, time.environment())).isEqualTo(marks);
  }

  @Test
  void aCommitThatCannotBeReadBackIsOfUnknownOutcome() throws Exception {
    for (Operation operation : List.of(Operation.GET, Operation.LIST)) {
      MemoryStore fresh = new MemoryStore(time);
      FaultyStore faulty = new FaultyStore(fresh);
      LakeStream stream = LakeStream.create(faulty, Samples.definition(), time.environment());
      ProducerSession session = ProducerSession.open(stream, "tok");
      faulty.plan(operation, operation == Operation.GET ? "log/" : "horizon", Fault.REFUSED);
      assertThatThrownBy(() -> session.commit(Marked.commit(session, "a")))
          .isInstanceOf(CommitOutcomeUnknownException.class);
      assertThatThrownBy(() -> session.commit(Marked.commit(session, "a")))
          .isInstanceOf(CommitOutcomeUnknownException.class);
      assertThat(ProducerSession.open(open(faulty), "tok").state()).isEqualTo("a");
      assertThat(Marked.in(faulty, time.environment())).containsExactly("a");
    }
  }

  @Test
  void aRefusedPutIsACertainFailureAndMayBeTriedAgain() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.REFUSED);
    assertThatThrownBy(() -> session.commit(Marked.commit(session, "a")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("refuses");
    session.commit(Marked.commit(session, "a"));
    assertThat(Marked.in(store, time.environment())).containsExactly("a");
  }

  @Test
  void interruptionWhileTheOutcomeIsUnknownIsUnknown() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    LakeStream impatient =
        LakeStream.open(
            store,
            new Environment(
                time,
                time::uuid,
                pause -> {
                  throw new InterruptedException();
                }));
    ProducerSession interrupted = ProducerSession.open(impatient, "other");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_RESPONSE);
    assertThatThrownBy(() -> interrupted.commit(Marked.commit(interrupted, "a")))
        .isInstanceOf(CommitOutcomeUnknownException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(Marked.in(store, time.environment())).containsExactly("a");
    session.commit(Marked.commit(session, "b"));
  }
}
