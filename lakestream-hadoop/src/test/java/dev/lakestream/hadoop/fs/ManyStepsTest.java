// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.format.Digest;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.RunLayout;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.MemoryStore;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.hadoop.fs.RemoteIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A long stream is listed step by step, and looked into without being listed. */
@Timeout(300)
class ManyStepsTest {
  private static final int COMMITS = 100;
  private static final int STEPS_OF_COMMIT = 10_000;
  private static final int SLOTS = 2;
  private static final int DIRECTORY = 32 + 32 * STEPS_OF_COMMIT + 32;
  private static final int CELLS = 64 * STEPS_OF_COMMIT;

  @Test
  void aMillionSteps() throws Exception {
    MemoryStore memory = new MemoryStore();
    commitBundlesThatNobodyReads(memory);
    FaultyStore store = new FaultyStore(memory);
    StreamView view = StreamView.newest(store, Environment.system());
    StepsBranch steps = new StepsBranch(view, new CellLengthCache());
    int opening = requests(store);

    RemoteIterator<Entry> folders = steps.list(List.of());
    assertThat(folders.next().name()).isEqualTo("00000000000000000000");
    assertThat(steps.find(List.of("00000000000000999999")).folder()).isTrue();
    assertThat(requests(store)).as("to see two steps, after " + opening).isLessThanOrEqualTo(4);

    long seen = 1;
    String last = "00000000000000000000";
    while (folders.hasNext()) {
      String name = folders.next().name();
      assertThat(name.compareTo(last)).isPositive();
      last = name;
      seen++;
    }
    assertThat(seen).isEqualTo((long) COMMITS * STEPS_OF_COMMIT);
    assertThat(requests(store)).as("to list all steps").isLessThanOrEqualTo(8 * COMMITS);

    StepsBranch.Summary sum = steps.summary();
    assertThat(sum.steps()).isEqualTo(seen);
    assertThat(sum.files()).isEqualTo(SLOTS * seen);
    assertThat(memory.keys("data")).as("bundles").noneMatch(key -> key.endsWith(".arrow"));
  }

  private static int requests(FaultyStore store) {
    return store.takeCounts().values().stream().mapToInt(Integer::intValue).sum();
  }

  private static void commitBundlesThatNobodyReads(MemoryStore memory) throws Exception {
    LakeStream stream =
        LakeStream.create(
            memory,
            new StreamDefinition(
                StreamOnDisk.SCHEMA.fields(),
                SLOTS,
                1,
                StreamOnDisk.SCHEMA.sequence(),
                StreamOnDisk.SCHEMA.boundaries()),
            Environment.system());
    ProducerSession producer = ProducerSession.open(stream, "tests");
    StepGroup group =
        new StepGroup.BundleGroup(
            0, Collections.nCopies(STEPS_OF_COMMIT, StepRecord.of(1, 1, Digest.ZERO)));
    long[] starts = LongStream.rangeClosed(0, SLOTS).map(run -> 64 + run * run()).toArray();
    for (int commit = 0; commit < COMMITS; commit++) {
      BundleDescriptor bundle =
          new BundleDescriptor(
              producer.newBundleKey(),
              starts[SLOTS] + 1000,
              BundleFormat.ARROW,
              0,
              STEPS_OF_COMMIT,
              SLOTS,
              1,
              RunLayout.of(starts));
      producer.commit(
          Commit.of(new CommitContent.Inline(List.of(bundle), List.of(group)), "at " + commit));
    }
    stream.writeSnapshot();
  }

  private static long run() {
    return DIRECTORY + CELLS;
  }
}
