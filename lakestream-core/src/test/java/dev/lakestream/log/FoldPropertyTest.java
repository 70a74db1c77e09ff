// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.snapshot.SegmentReader;
import dev.lakestream.snapshot.SnapshotIndex;
import dev.lakestream.snapshot.SnapshotLedger;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.snapshot.Snapshots;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.History;
import dev.lakestream.testing.RandomHistory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A fold that goes on after a snapshot of any version ends where the fold from the beginning ends:
 * state, producers, keys, and the commit of each step. Snapshots are built on snapshots, of shapes
 * so small that leaves split, nodes nest and keyed segments divide.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FoldPropertyTest {
  /** What keeps the objects; a subclass runs the same tests on another store. */
  protected Backing backing() {
    return Backing.memory();
  }

  /** Fewer where each request takes its time. */
  private LongStream seeds() {
    return LongStream.rangeClosed(1, backing().stride() == 1 ? 5 : 2);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aSnapshotStandsForTheLogBelowIt(long seed) throws IOException {
    Random random = new Random(seed);
    History history = History.begin(seed, backing());
    RandomHistory writer = new RandomHistory(history, random);
    SnapshotWriter.Shape shape =
        new SnapshotWriter.Shape(
            1 + random.nextInt(4),
            4 + random.nextInt(12),
            2_000 + random.nextInt(20_000),
            2 + random.nextInt(2),
            1 + random.nextInt(4));
    List<SnapshotRoot> roots = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      writer.step();
      if (random.nextInt(4) == 0) {
        boolean fromScratch = roots.isEmpty() || random.nextInt(8) == 0;
        roots.add(
            history.snapshot(
                shape, fromScratch ? Optional.empty() : Optional.of(roots.get(roots.size() - 1))));
      }
    }
    assertThat(history.verdicts()).anyMatch(Verdict::valid).anyMatch(verdict -> !verdict.valid());
    // Each of the last ones; of the older ones, whose folds are long, a few.
    int last = backing().stride() == 1 ? 3 : 1;
    for (int i = 0; i < roots.size(); i++) {
      if (i % (5 * backing().stride()) == 0 || i >= roots.size() - last) {
        assertStandsFor(history, roots.get(i));
      }
    }
  }

  private static void assertStandsFor(History history, SnapshotRoot written) throws IOException {
    long version = written.state().version();
    SnapshotRoot root =
        new Snapshots(history.store(), history.document().id()).read(version).orElseThrow();
    assertThat(root).isEqualTo(written);
    SegmentReader reader = new SegmentReader(history.store(), history.document().id());
    LogFold resumed = LogFold.resume(root.state(), new SnapshotLedger(root, reader));
    for (int i = (int) version + 1; i < history.entries().size(); i++) {
      Verdict verdict = resumed.apply(history.entries().get(i));
      assertThat(verdict).isEqualTo(history.verdicts().get(i));
    }
    assertThat(resumed.state()).isEqualTo(history.state());
    for (String producer : RandomHistory.PRODUCERS) {
      assertThat(resumed.producer(producer)).isEqualTo(history.fold().producer(producer));
    }
    assertThat(resumed.producer("unknown")).isEmpty();
    for (String key : RandomHistory.KEYS) {
      assertThat(resumed.hasKey(key)).as(key).isEqualTo(history.fold().hasKey(key));
    }
    assertIndexed(history, root, reader);
  }

  private static void assertIndexed(History history, SnapshotRoot root, SegmentReader reader)
      throws IOException {
    SnapshotIndex index = new SnapshotIndex(root.index(), reader);
    for (CondensedCommit commit : history.commits()) {
      for (long step = commit.before().steps(); step < commit.nextStep(); step++) {
        if (step >= root.state().nextStep()) {
          assertThat(index.find(step)).isEmpty();
        } else if (step >= root.state().firstReadable()) {
          assertThat(index.find(step)).as("step %d", step).contains(commit);
        }
      }
    }
  }
}
