// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.StepRecord;
import dev.lakestream.retention.Trimming;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.MemoryStore;
import dev.lakestream.testing.SteppedStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A stage becomes one step, whatever happens on the way. */
@Timeout(120)
class StepCommitterTest {
  private static final Environment ENVIRONMENT =
      new Environment(InstantSource.system(), UUID::randomUUID, time -> {});
  private static final int SLOTS = 2;

  @TempDir Path unused;
  private MemoryStore store;
  private StreamOnDisk stream;

  @BeforeEach
  void begin() throws Exception {
    restart(1);
  }

  private void restart(int pieces) throws IOException, InterruptedException {
    store = new MemoryStore();
    stream = new StreamOnDisk(unused, store, SLOTS, pieces);
  }

  @Test
  void aStageBecomesOneStep() throws Exception {
    stage("job-1", 5);
    commit(store, "job-1");

    LakeStream now = LakeStream.open(store);
    assertThat(now.state().nextStep()).isEqualTo(1);
    assertThat(rows(0)).isEqualTo(expected(5));
    assertThat(store.keys("staging")).isEmpty();
    StepRecord step = now.groupOf(0).step(0);
    assertThat(step.attributes()).containsEntry("staging", "job-1").containsKey("staging_sha256");
    assertThat(step.rows()).isEqualTo(expected(5).stream().mapToInt(List::size).sum());
    assertThat(step.tokens()).isEqualTo(8 * step.rows());
  }

  @Test
  void slotsAreCutIntoThePiecesOfTheStream() throws Exception {
    restart(2);
    stage("job-1", 5);
    commit(store, "job-1");
    assertThat(LakeStream.open(store).groupOf(0).pieces()).isEqualTo(2);
    assertThat(LakeStream.open(store).groupOf(0).step(0).tokens()).isEqualTo(8 * 3);
  }

  @Test
  void aNameIsUsedOnce() throws Exception {
    stage("job-1", 5);
    commit(store, "job-1");
    commit(store, "job-1");
    stage("job-1", 5);
    commit(store, "job-1");
    assertThat(LakeStream.open(store).state().nextStep()).isEqualTo(1);
    assertThat(store.keys("staging")).isEmpty();

    stage("job-1", 6);
    assertThatThrownBy(() -> commit(store, "job-1"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("the name of staging/job-1 is taken")
        .hasMessageContaining("step 0");
    assertThat(LakeStream.open(store).state().nextStep()).isEqualTo(1);
    assertThat(store.keys("staging")).hasSize(SLOTS);
  }

  @Test
  void nobodyComparesWithATrimmedStep() throws Exception {
    stage("job-1", 5);
    commit(store, "job-1");
    stage("job-2", 6);
    commit(store, "job-2");
    new Trimming(LakeStream.open(store)).to(1);
    commit(store, "job-1");
    stage("job-1", 5);
    assertThatThrownBy(() -> commit(store, "job-1")).hasMessageContaining("has been trimmed");
  }

  @Test
  void whatIsNotStagedIsMissing() {
    assertThatThrownBy(() -> commit(store, "nothing"))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("staging/nothing");
  }

  /** Whoever dies, before or after any operation, leaves what the next one can finish. */
  @Test
  void dyingAtAnyMoment() throws Exception {
    int operations = countOperations();
    assertThat(operations).isGreaterThan(10);
    for (int after = 0; after < 2; after++) {
      for (int operation = 0; operation < operations; operation++) {
        restart(1);
        stage("job-1", 5);
        SteppedStore stepped = new SteppedStore(store);
        if (after == 1) {
          stepped.dieAfter(operation);
        } else {
          stepped.dieBefore(operation);
        }
        try {
          commit(stepped.client(), "job-1");
        } catch (IOException | RuntimeException died) {
          // Its successor knows nothing of it.
        }
        commit(store, "job-1");
        assertOnlyStep("operation " + operation + ", " + (after == 1 ? "after" : "before"));
      }
    }
  }

  /** Somebody else does all of the same between any two operations. */
  @Test
  void twoOfTheSameName() throws Exception {
    int operations = countOperations();
    for (int operation = 0; operation < operations; operation++) {
      restart(1);
      stage("job-1", 5);
      SteppedStore stepped = new SteppedStore(store);
      stepped.sleepBefore(operation, () -> commit(store, "job-1"));
      commit(stepped.client(), "job-1");
      assertOnlyStep("operation " + operation);
    }
  }

  @Test
  void twoOfDifferentNames() throws Exception {
    int operations = countOperations();
    for (int operation = 0; operation < operations; operation++) {
      restart(1);
      stage("job-1", 5);
      stage("job-2", 6);
      SteppedStore stepped = new SteppedStore(store);
      stepped.sleepBefore(operation, () -> commit(store, "job-2"));
      commit(stepped.client(), "job-1");
      assertThat(LakeStream.open(store).state().nextStep()).as("%d", operation).isEqualTo(2);
      assertThat(store.keys("staging")).isEmpty();
    }
  }

  @Test
  void manyAtOnce() throws Exception {
    for (int name = 0; name < 4; name++) {
      stage("job-" + name, name);
    }
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<Future<String>> tries = new ArrayList<>();
    for (int thread = 0; thread < 8; thread++) {
      String name = "job-" + thread / 2;
      tries.add(
          pool.submit(
              () -> {
                commit(store, name);
                return name;
              }));
    }
    for (Future<String> one : tries) {
      one.get();
    }
    pool.shutdown();
    assertThat(LakeStream.open(store).state().nextStep()).isEqualTo(4);
    assertThat(store.keys("staging")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"LOST_RESPONSE", "LOST_REQUEST", "LATE"})
  void anUnknownOutcomeIsFoundOut(Fault fault) throws Exception {
    stage("job-1", 5);
    FaultyStore faulty = new FaultyStore(store);
    faulty.plan(Operation.PUT_IF_ABSENT, "log/", fault);
    faulty.plan(Operation.PUT_IF_ABSENT, "log/", fault);
    commit(faulty, "job-1");
    faulty.landLate();
    assertThat(faulty.openPlans()).isZero();
    assertOnlyStep(fault.toString());
  }

  @Test
  void aCertainFailureLeavesTheStageAsItWas() throws Exception {
    stage("job-1", 5);
    FaultyStore faulty = new FaultyStore(store);
    faulty.before(
        Operation.PUT_IF_ABSENT,
        StreamKeys.entry(2).value(),
        () -> {
          throw new IOException("the store refuses");
        });
    assertThatThrownBy(() -> commit(faulty, "job-1")).hasMessageContaining("the store refuses");
    assertThat(store.keys("staging")).hasSize(SLOTS);
    commit(store, "job-1");
    assertOnlyStep("refused");
  }

  private int countOperations() throws IOException, InterruptedException {
    restart(1);
    stage("job-1", 5);
    SteppedStore counting = new SteppedStore(store);
    commit(counting.client(), "job-1");
    return counting.operations();
  }

  private void assertOnlyStep(String when) throws IOException {
    assertThat(LakeStream.open(store).state().nextStep()).as(when).isEqualTo(1);
    assertThat(rows(0)).as(when).isEqualTo(expected(5));
    assertThat(store.keys("staging")).as(when).isEmpty();
  }

  private static void commit(ObjectStore store, String name)
      throws IOException, InterruptedException {
    new StepCommitter(store, ENVIRONMENT, "hadoop-" + UUID.randomUUID()).commit(name);
  }

  /** Stages the rows of a step. */
  private void stage(String name, long like) throws IOException {
    for (int slot = 0; slot < SLOTS; slot++) {
      try (VectorSchemaRoot rows = stream.rows(like, slot)) {
        store.put(
            StageKeys.key(List.of(name, "slot-000" + slot + ".arrow")),
            slot == 0 ? ArrowFiles.file(rows) : ArrowFiles.stream(rows));
      }
    }
  }

  private static List<List<List<Object>>> expected(long like) {
    return List.of(StreamOnDisk.expected(like, 0), StreamOnDisk.expected(like, 1));
  }

  private List<List<List<Object>>> rows(long step) throws IOException {
    StreamView view = StreamView.newest(store, ENVIRONMENT);
    StepsBranch steps = new StepsBranch(view, new CellLengthCache());
    List<List<List<Object>>> rows = new ArrayList<>();
    for (int slot = 0; slot < SLOTS; slot++) {
      Content content = steps.open(List.of(StepsBranch.name(step), "slot-000" + slot + ".arrow"));
      ByteBuffer file = ByteBuffer.allocate((int) content.length());
      content.read(0, file);
      content.release();
      rows.add(ArrowFiles.rows(file.array(), stream.allocator));
    }
    return rows;
  }
}
