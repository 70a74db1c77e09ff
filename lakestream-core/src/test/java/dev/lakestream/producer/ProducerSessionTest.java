// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.FencedException;
import dev.lakestream.log.Action;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.Marked;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.StreamFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session goes on where the former one got, and ends when the next one begins. */
@Timeout(60)
class ProducerSessionTest extends StreamFixture {
  @Test
  void commitsAndBeginsWhereItsFormerLifeGot() throws Exception {
    LakeStream stream = create();
    ProducerSession session = ProducerSession.open(stream, "tok");
    assertThat(session.state()).isEmpty();
    assertThat(session.attachments()).isEmpty();
    assertThat(session.stamp()).isEqualTo(new ProducerStamp("tok", 1, 0));
    assertThat(session.commit(Marked.commit(session, "a"))).isEqualTo(new CommitReceipt(1, 0, 1));
    Attachment rest = new Attachment("rest", Samples.bundle(session.newBundleKey(), 1, 8, 1));
    CommitReceipt receipt =
        session.commit(
            new Commit(
                Marked.content(session, "b"),
                Optional.of("row 7"),
                List.of(rest),
                Optional.of("k"),
                List.of()));
    assertThat(receipt).isEqualTo(new CommitReceipt(2, 1, 1));
    assertThat(session.state()).isEqualTo("row 7");
    assertThat(session.attachments()).containsExactly(rest);
    assertThat(session.stamp()).isEqualTo(new ProducerStamp("tok", 1, 2));

    ProducerSession next = ProducerSession.open(open(), "tok");
    assertThat(next.stamp()).isEqualTo(new ProducerStamp("tok", 2, 0));
    assertThat(next.state()).isEqualTo("row 7");
    assertThat(next.attachments()).containsExactly(rest);
    assertThat(Marked.in(store, time.environment())).containsExactly("a", "b");
  }

  /** Whoever says where its steps begin is refused where others were faster, and may go on. */
  @Test
  void stepsBeginWhereTheyMustOrNotAtAll() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    session.commit(Marked.commit(session, "a"));
    ProducerSession other = ProducerSession.open(open(), "other");
    other.commit(Marked.commit(other, "b"));
    assertThatThrownBy(() -> session.commit(at(session, 1)))
        .isInstanceOf(CommitRejectedException.class)
        .hasMessageContaining("its steps begin at 1, the stream's next step is 2");
    assertThat(session.commit(at(session, 2)).firstStep()).isEqualTo(2);
  }

  private static Commit at(ProducerSession session, long firstStep) {
    Commit anywhere = Marked.commit(session, "c");
    return new Commit(
        anywhere.content(),
        anywhere.state(),
        anywhere.attachments(),
        anywhere.idempotence(),
        anywhere.actions(),
        OptionalLong.of(firstStep));
  }

  @Test
  void aFencedSessionFailsAndItsCommitIsInvisible() throws Exception {
    ProducerSession zombie = ProducerSession.open(create(), "tok");
    zombie.commit(Marked.commit(zombie, "a"));
    ProducerSession successor = ProducerSession.open(open(), "tok");
    successor.commit(Marked.commit(successor, "b"));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> zombie.commit(Marked.commit(zombie, "z")))
          .isInstanceOf(FencedException.class)
          .hasMessageContaining("tok epoch 1 sequence 1 is fenced: epoch 2");
    }
    successor.commit(Marked.commit(successor, "c"));
    assertThat(Marked.in(store, time.environment())).containsExactly("a", "b", "c");
  }

  @Test
  void aRetiredSessionFails() throws Exception {
    LakeStream stream = create();
    ProducerSession session = ProducerSession.open(stream, "tok");
    new StreamControl(open()).commit(new Action.Retire("tok", 1));
    assertThatThrownBy(() -> session.commit(Marked.commit(session, "z")))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("retired");
    assertThat(ProducerSession.open(stream, "tok").stamp().epoch()).isEqualTo(2);
  }

  /** Two that open at the same moment: one stays, the other says so; they do not fence in turns. */
  @Test
  void openingAtTheSameMomentEndsWithOneSession() throws Exception {
    create();
    List<ProducerSession> second = new ArrayList<>();
    LakeStream first = open();
    // After the first one's opening was put, and before it has seen it, the second one opens.
    store.before(
        Operation.PUT_IF_ABSENT,
        "log/",
        () ->
            store.before(
                Operation.GET,
                "log/",
                () -> quietly(() -> second.add(ProducerSession.open(open(memory), "tok")))));
    assertThatThrownBy(() -> ProducerSession.open(first, "tok"))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("epoch 2");
    assertThat(second.get(0).stamp().epoch()).isEqualTo(2);
    second.get(0).commit(Marked.commit(second.get(0), "a"));
    assertThat(Marked.in(store, time.environment())).containsExactly("a");
  }

  @Test
  void theNumberOfOperationsOfACommit() throws Exception {
    LakeStream stream = create();
    store.takeCounts();
    ProducerSession session = ProducerSession.open(stream, "tok");
    assertThat(store.takeCounts())
        .isEqualTo(Map.of("PUT_IF_ABSENT log", 1, "GET log", 3, "LIST horizon", 2));
    session.commit(Marked.commit(session, "a"));
    assertThat(store.takeCounts())
        .isEqualTo(Map.of("PUT_IF_ABSENT log", 1, "GET log", 2, "LIST horizon", 1));
    ProducerSession other = ProducerSession.open(open(memory), "other");
    other.commit(Marked.commit(other, "o"));
    // Two entries that it has not seen: one lost race, then all of them are folded at once.
    session.commit(Marked.commit(session, "b"));
    assertThat(store.takeCounts())
        .isEqualTo(Map.of("PUT_IF_ABSENT log", 2, "GET log", 3 + 2, "LIST horizon", 2));
  }
}
