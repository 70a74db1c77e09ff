// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamState;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.StreamFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever commits may fold, nobody waits for it, and it costs the same at any length. */
@Timeout(60)
class LogFolderTest extends StreamFixture {
  /** Folding takes long: whoever commits, or looks something up, does not wait for it. */
  @Test
  void nobodyWaitsForAFolder() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    new StreamControl(writer).commit(new Action.Retire("a", 1));
    ProducerSession second = ProducerSession.open(writer, "b");
    commit(second, 2);
    store.before(
        Operation.PUT_IF_ABSENT,
        "snapshots/",
        () -> {
          try {
            commit(second, 2);
            ProducerSession.open(writer, "a");
          } catch (Exception e) {
            throw new IOException(e);
          }
        });
    writer.writeSnapshot();
    assertThat(store.openPlans()).isZero();
    assertThat(writer.entriesSinceSnapshot()).isEqualTo(2);
    assertThat(writer.state()).isEqualTo(open().state());
    assertThat(writer.producers()).isEqualTo(open().producers());
    assertThat(writer.producer("b").orElseThrow().sequence()).isEqualTo(2);
    assertThat(writer.producer("a").orElseThrow().epoch()).isEqualTo(2);
    for (long step = 0; step < 6; step++) {
      assertThat(writer.groupOf(step)).isEqualTo(open().groupOf(step));
    }
  }

  @Test
  void oneOfTheCommittersFoldsInTheBackground() throws Exception {
    create();
    List<Runnable> background = new ArrayList<>();
    Environment environment = new Environment(time, time::uuid, time::pass, background::add);
    List<ProducerSession> sessions = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      sessions.add(ProducerSession.open(LakeStream.open(store, environment), name));
    }
    for (int i = 0; i < 600; i++) {
      commit(sessions.get(i % 3), 1);
    }
    // Versions 255 and 511; and who has not heard of a snapshot after 512 entries looks for one.
    assertThat(background).hasSizeBetween(2, 4);
    assertThat(memory.keys("snapshots")).isEmpty();
    background.forEach(Runnable::run);
    assertThat(memory.keys("snapshots")).hasSizeBetween(1, 3);
    assertThat(open().state().nextStep()).isEqualTo(600);
  }

  /** An entry of 64 KiB a commit: a leaf by the number of commits alone would be unreadable. */
  @Test
  void largeEntriesFoldIntoSegmentsThatCanBeRead() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    for (int i = 0; i < 120; i++) {
      commit(session, 370);
    }
    writer.writeSnapshot();
    assertThat(writer.entriesSinceSnapshot()).isZero();
    for (byte[] segment : segments()) {
      assertThat(segment.length).isLessThan(2 << 20);
    }
    LakeStream reader = open();
    for (long step = 0; step < 120 * 370; step += 9999) {
      assertThat(reader.groupOf(step).contains(step)).isTrue();
    }
  }

  private List<byte[]> segments() {
    return memory.contents().entrySet().stream()
        .filter(object -> object.getKey().startsWith("segments/"))
        .map(Map.Entry::getValue)
        .toList();
  }

  /** Invariant 9: what a snapshot writes does not grow with the history below it. */
  @Test
  void theCostOfAnotherSnapshotDoesNotGrow() throws Exception {
    LakeStream writer = create();
    for (int p = 0; p < 50; p++) {
      ProducerSession.open(writer, "idle-" + p);
    }
    ProducerSession session = ProducerSession.open(writer, "busy");
    long first = 0;
    for (int round = 0; round < 40; round++) {
      commit(session, 2048);
      commit(session, 2048);
      long before = bytes();
      writer.writeSnapshot();
      long added = bytes() - before;
      first = round == 10 ? added : first;
      if (round > 10) {
        assertThat(added).isLessThan(first + 300L * round);
      }
    }
    assertThat(open().state()).isEqualTo(writer.state());
  }

  private long bytes() {
    return memory.contents().values().stream().mapToLong(content -> content.length).sum();
  }

  /** A trainer that follows for months must not keep every entry that it has seen. */
  @Test
  void aFollowerLetsGoOfWhatSnapshotsStandFor() throws Exception {
    LakeStream writer = create();
    LakeStream follower = open();
    ProducerSession session = ProducerSession.open(writer, "a");
    for (int i = 0; i < 2600; i++) {
      session.commit(Commit.of(new CommitContent.Inline(List.of(), List.of()), "" + i));
      if (i % 100 == 0) {
        follower.refresh();
        assertThat(follower.entriesSinceSnapshot()).isLessThan(1024 + 256 + 100);
        assertThat(follower.state()).isEqualTo(writer.state());
        assertThat(follower.producer("a").map(ProducerState::sequence)).contains(i + 1L);
      }
    }
    assertThat(follower.entriesSinceSnapshot()).isLessThan(2600 / 2);
  }

  @Test
  void aSnapshotNeverTakesAStreamBack() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    LakeStream other = open();
    other.writeSnapshot();
    writer.writeSnapshot(); // the other's root is in force
    assertThat(writer.entriesSinceSnapshot()).isZero();
    assertThat(writer.groupOf(1)).isEqualTo(other.groupOf(1));
    commit(session, 2);
    StreamState state = writer.state();
    memory.damage(StreamKeys.snapshot(2).value(), new byte[1]);
    writer.writeSnapshot(); // an unreadable root has the name
    assertThat(writer.state()).isEqualTo(state);
    assertThat(writer.groupOf(3).firstStep()).isEqualTo(2);
  }
}
