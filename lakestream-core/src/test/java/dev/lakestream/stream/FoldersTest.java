// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamState;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.SteppedStore;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Folders that die or sleep before each single operation of a fold, alone and against others. What
 * anybody reads afterwards is always the same, and the next one folds as if nothing had been.
 */
@Timeout(60)
class FoldersTest {

  private final VirtualTime time = new VirtualTime(3);
  private final InspectedStore written = backing().empty(time);

  /** What keeps the objects; a subclass runs the same tests on another store. */
  protected Backing backing() {
    return Backing.memory();
  }

  /** A stream with a snapshot, and entries after it. */
  @BeforeEach
  void write() throws Exception {
    LakeStream stream = LakeStream.create(written, Samples.definition(), time.environment());
    commitTo(stream, 4, 3);
    stream.writeSnapshot();
    commitTo(stream, 3, 2);
  }

  /** Producers that open, or re-open, and commit, each with an idempotence key. */
  private static void commitTo(LakeStream stream, int producers, int commits) throws Exception {
    for (int p = 0; p < producers; p++) {
      ProducerSession session = ProducerSession.open(stream, "p" + p);
      for (int i = 0; i < commits; i++) {
        Commit commit =
            Commit.of(Samples.whole(Samples.bundle(session.newBundleKey(), 2, 8, 1)), "" + i);
        session.commit(
            new Commit(
                commit.content(),
                commit.state(),
                List.of(),
                Optional.of(stream.state().version() + "/" + p),
                List.of()));
      }
    }
  }

  private LakeStream open(InspectedStore store) throws IOException {
    return LakeStream.open(store, time.environment());
  }

  /** All that a reader can learn. */
  private record Learned(
      StreamState state, List<ProducerState> producers, List<CommittedGroup> groups) {
    static Learned from(LakeStream stream) throws IOException {
      List<CommittedGroup> groups = new ArrayList<>();
      StreamState state = stream.state();
      for (long step = state.firstReadable(); step < state.nextStep(); step++) {
        groups.add(stream.groupOf(step));
      }
      return new Learned(state, stream.producers(), groups);
    }
  }

  /** How many operations a fold of what was written takes. */
  private int operationsOfAFold() throws IOException {
    SteppedStore stepped = new SteppedStore(backing().copy(written));
    LakeStream folder = LakeStream.open(stepped.client(), time.environment());
    int before = stepped.operations();
    folder.writeSnapshot();
    return stepped.operations() - before;
  }

  private void assertFoldable(InspectedStore store, Learned expected) throws IOException {
    assertThat(Learned.from(open(store))).isEqualTo(expected);
    LakeStream next = open(store);
    next.writeSnapshot();
    assertThat(Learned.from(next)).isEqualTo(expected);
    LakeStream reader = open(store);
    assertThat(reader.entriesSinceSnapshot()).isZero();
    assertThat(Learned.from(reader)).isEqualTo(expected);
  }

  @Test
  void aFolderMayDieAtAnyOperation() throws Exception {
    Learned expected = Learned.from(open(written));
    int operations = operationsOfAFold();
    assertThat(operations).isGreaterThan(6);
    int died = 0;
    int mayDie = 0;
    for (int k = 0; k < operations; k += backing().stride()) {
      for (boolean carriedOut : new boolean[] {false, true}) {
        // All but those that are about to put the hint.
        mayDie += k == operations - 1 ? 0 : 1;
        InspectedStore store = backing().copy(written);
        SteppedStore stepped = new SteppedStore(store);
        LakeStream folder = LakeStream.open(stepped.client(), time.environment());
        if (carriedOut) {
          stepped.dieAfter(k);
        } else {
          stepped.dieBefore(k);
        }
        try {
          folder.writeSnapshot();
        } catch (SteppedStore.Died e) {
          died++;
        }
        assertFoldable(store, expected);
      }
    }
    assertThat(died).isEqualTo(mayDie);
  }

  @Test
  void twoFoldersOfTheSameVersionMayInterleaveAnyhow() throws Exception {
    Learned expected = Learned.from(open(written));
    int operations = operationsOfAFold();
    for (int k = 0; k <= operations; k += backing().stride()) {
      InspectedStore store = backing().copy(written);
      SteppedStore stepped = new SteppedStore(store);
      LakeStream folder = LakeStream.open(stepped.client(), time.environment());
      LakeStream other = open(store);
      stepped.sleepBefore(k, other::writeSnapshot);
      folder.writeSnapshot();
      assertThat(Learned.from(folder)).isEqualTo(expected);
      assertThat(Learned.from(other)).isEqualTo(expected);
      assertFoldable(store, expected);
    }
  }

  @Test
  void aFolderMaySleepWhileTheLogGoesOnAndIsFolded() throws Exception {
    int operations = operationsOfAFold();
    for (int k = 0; k <= operations; k += backing().stride()) {
      InspectedStore store = backing().copy(written);
      SteppedStore stepped = new SteppedStore(store);
      LakeStream folder = LakeStream.open(stepped.client(), time.environment());
      LakeStream other = open(store);
      stepped.sleepBefore(
          k,
          () -> {
            commitTo(other, 5, 2);
            other.writeSnapshot();
            commitTo(other, 1, 1);
          });
      folder.writeSnapshot();
      folder.refresh();
      other.refresh();
      Learned expected = Learned.from(other);
      assertThat(Learned.from(folder)).isEqualTo(expected);
      assertFoldable(store, expected);
    }
  }

  /** As when it sleeps for longer than the grace time: what it builds on is gone. */
  @Test
  void aFolderMaySleepWhileAllThatItKnowsIsRemoved() throws Exception {
    int late = 0;
    int operations = operationsOfAFold();
    for (int k = 0; k < operations; k += backing().stride()) {
      InspectedStore store = backing().copy(written);
      SteppedStore stepped = new SteppedStore(store);
      LakeStream folder = LakeStream.open(stepped.client(), time.environment());
      LakeStream other = open(store);
      stepped.sleepBefore(
          k,
          () -> {
            commitTo(other, 5, 2);
            Set<String> former = Set.copyOf(store.keys("segments"));
            other.writeSnapshot();
            commitTo(other, 1, 1);
            removeAllBelowTheNewestRoot(store, former);
          });
      try {
        folder.writeSnapshot();
        late++;
      } catch (CorruptObjectException e) {
        assertThat(e.object()).startsWith("segments/");
      }
      Learned expected = Learned.from(open(store));
      assertThat(expected.state().nextStep()).isGreaterThan(open(written).state().nextStep());
      // Whoever committed goes on all the same; the sleeper finds out when it looks.
      folder.refresh();
      assertThat(folder.state()).isEqualTo(expected.state());
      assertThat(Learned.from(folder)).isEqualTo(expected);
      commitTo(folder, 1, 1);
      assertFoldable(store, Learned.from(open(store)));
    }
    assertThat(late).isPositive();
  }

  /** Removes former roots, the log below, and segments that nothing names any more. */
  private void removeAllBelowTheNewestRoot(InspectedStore store, Set<String> former)
      throws IOException {
    List<String> roots = store.keys("snapshots");
    long horizon = StreamKeys.version(ObjectKey.of(roots.get(roots.size() - 1))).orElseThrow();
    store.putIfAbsent(StreamKeys.horizon(horizon), new byte[0]);
    roots.subList(0, roots.size() - 1).forEach(root -> store.delete(ObjectKey.of(root)));
    for (long version = 0; version < horizon; version++) {
      store.delete(StreamKeys.entry(version));
    }
    InspectedStore without = backing().copy(store);
    for (String segment : former) {
      without.delete(ObjectKey.of(segment));
      try {
        Learned.from(open(without));
        store.delete(ObjectKey.of(segment));
      } catch (CorruptObjectException e) {
        without.putIfAbsent(ObjectKey.of(segment), store.contents().get(segment));
      }
    }
  }
}
