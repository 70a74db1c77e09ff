// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.Totals;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.History;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How the index of steps grows, and what a find in it costs (invariant 9). */
class IndexTreeTest {
  /** A leaf for each commit, nodes of 3, a root of 8 refs. */
  private static final SnapshotWriter.Shape SHAPE =
      new SnapshotWriter.Shape(1, 9, 4000, 3, 8, 2, 2, 4000, 2, 4);

  private final History history = History.begin(11, backing());
  private final FaultyStore store = new FaultyStore(history.store());

  /** What keeps the objects; a subclass runs the same tests on another store. */
  protected Backing backing() {
    return Backing.memory();
  }

  private SnapshotRoot grow(Optional<SnapshotRoot> base, int commits) throws IOException {
    for (int i = 0; i < commits; i++) {
      history.commit("a", 2);
    }
    return history.snapshot(SHAPE, base);
  }

  private static List<Integer> heights(IndexRefs refs) {
    return IntStream.range(0, refs.size()).mapToObj(refs::height).toList();
  }

  /** As a counter carries: what is full goes into a node, and is never written again. */
  @Test
  void theOldestBecomeNodes() throws IOException {
    history.open("a");
    SnapshotRoot root = grow(Optional.empty(), 8);
    assertThat(heights(root.index())).containsExactly(0, 0, 0, 0, 0, 0, 0, 0);
    root = grow(Optional.of(root), 1);
    assertThat(heights(root.index())).containsExactly(1, 0, 0, 0, 0, 0, 0);
    IndexRef oldest = root.index().get(0);
    root = grow(Optional.of(root), 1);
    assertThat(heights(root.index())).containsExactly(1, 0, 0, 0, 0, 0, 0, 0);
    assertThat(root.index().get(0)).isEqualTo(oldest);
    root = grow(Optional.of(root), 20);
    assertThat(heights(root.index()))
        .hasSizeLessThanOrEqualTo(8)
        .isSortedAccordingTo((a, b) -> b - a);
    assertThat(heights(root.index()).get(0)).isEqualTo(2);
  }

  @Test
  void everyStepIsFoundHoweverTheTreeGrew() throws IOException {
    history.open("a");
    Random random = new Random(11);
    Optional<SnapshotRoot> root = Optional.empty();
    for (int round = 0; round < 60; round++) {
      root = Optional.of(grow(root, 1 + random.nextInt(5)));
      IndexRefs index = root.get().index();
      assertThat(index.before()).isEqualTo(Totals.ZERO);
      assertThat(index.after()).isEqualTo(history.state().totals());
      assertThat(index.size()).isLessThanOrEqualTo(9);
    }
    SnapshotIndex index =
        new SnapshotIndex(
            root.orElseThrow().index(), new SegmentReader(store, history.document().id()));
    for (CondensedCommit commit : history.commits()) {
      for (long step = commit.before().steps(); step < commit.nextStep(); step++) {
        assertThat(index.find(step)).contains(commit);
      }
    }
    assertThat(index.find(history.state().nextStep())).isEmpty();
    List<CondensedCommit> walked = new ArrayList<>();
    new IndexWalk(new SegmentReader(store, history.document().id()))
        .commits(root.orElseThrow().index(), 0, walked::add);
    assertThat(walked).isEqualTo(history.commits());
  }

  /** The default shape: leaves of 64 KiB, of a commit or more each. */
  @Test
  void aMillionStepsOfTenACommitAreOneRequestAway() {
    SnapshotWriter.Shape shape = SnapshotWriter.Shape.DEFAULT;
    int commitsOfALeaf = 40; // of 1.6 KB
    assertThat(shape.indexRefs()).isGreaterThan(100_000 / commitsOfALeaf);
    IndexRefs most = refs(new Random(1), shape.indexRefs());
    assertThat(most.packed().length / most.size()).isLessThan(66);
    assertThat(most.packed().length).isLessThan(210 << 10);
  }

  private static IndexRefs refs(Random random, int count) {
    List<IndexRef> refs = new ArrayList<>();
    Totals before = new Totals(1_000_000, 512_000_000, 1L << 40);
    for (int i = 0; i < count; i++) {
      byte[] content = new byte[8];
      random.nextBytes(content);
      SegmentLocation where =
          new SegmentLocation(
              StreamKeys.segment(100_000L + i, new UUID(random.nextLong(), random.nextLong())),
              1 + random.nextInt(16 << 20),
              Digest.of(content));
      Totals covered = new Totals(400, 6400, 13_107_200);
      refs.add(new IndexRef(where, i < count / 10 ? 1 : 0, before, covered));
      before = before.plus(covered);
    }
    return IndexRefs.of(refs.get(0).before(), refs);
  }

  private static CorruptObjectException corrupt(String problem) {
    return new CorruptObjectException("snapshots/x", problem);
  }

  @Test
  void refsAreWhatWasPacked() {
    IndexRefs refs = refs(new Random(2), 100);
    IndexRefs decoded = IndexRefs.decode(refs.before(), refs.packed(), IndexTreeTest::corrupt);
    assertThat(decoded).isEqualTo(refs);
    assertThat(decoded.after()).isEqualTo(refs.after());
    IndexRefs part = refs.slice(20, 70);
    assertThat(part).isEqualTo(refs.subList(20, 70));
    assertThat(refs.slice(0, 20).and(part).and(refs.slice(70, 100))).isEqualTo(refs);
    for (IndexRef ref : refs) {
      assertThat(refs.covering(ref.firstStep())).contains(ref);
      assertThat(refs.covering(ref.nextStep() - 1)).contains(ref);
    }
    assertThat(refs.covering(refs.before().steps() - 1)).isEmpty();
    assertThat(refs.covering(refs.after().steps())).isEmpty();
    assertThat(refs.from(refs.get(50).firstStep())).isEqualTo(refs.subList(50, 100));
    assertThat(refs.from(refs.get(50).firstStep() + 1)).isEqualTo(refs.subList(50, 100));
  }

  /** Whatever the bytes are: refs, or an error that names the object (invariant 10). */
  @Test
  void hostileBytesAreRefsOrAnError() {
    Random random = new Random(3);
    byte[] good = refs(random, 20).packed();
    int accepted = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] bytes =
          Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
      for (int changes = random.nextInt(3); changes > 0 && bytes.length > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        IndexRefs refs = IndexRefs.decode(Totals.ZERO, bytes, IndexTreeTest::corrupt);
        assertThat(refs.stream().mapToLong(ref -> ref.covered().steps()).sum())
            .isEqualTo(refs.after().steps());
        accepted++;
      } catch (CorruptObjectException e) {
        assertThat(e.object()).isEqualTo("snapshots/x");
      }
    }
    assertThat(accepted).isBetween(100, 2_900);
    for (int length = 1; length < 60; length++) {
      byte[] torn = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> IndexRefs.decode(Totals.ZERO, torn, IndexTreeTest::corrupt))
          .isInstanceOf(CorruptObjectException.class);
    }
  }
}
