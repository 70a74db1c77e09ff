// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.repeat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.retention.Vacuum;
import dev.lakestream.retention.VacuumOptions;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.CrashMatrix;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A repeat that dies, or sleeps, at each of its store operations, and is done again: there is one
 * more epoch afterwards, neither none nor two.
 */
@Timeout(120)
class RepeatCrashTest {
  private static final int STEPS = 12;
  private static final RepeatRequest ALL = RepeatRequest.of(0, STEPS, RepeatOrder.STEPS, 7);

  private final VirtualTime time = new VirtualTime(9);
  private final InspectedStore written = backing().empty(time);
  private List<StepRecord> original = List.of();

  /** What keeps the objects; a subclass runs the same tests on another store. */
  protected Backing backing() {
    return Backing.memory();
  }

  /** Part of the history is in a snapshot. */
  @BeforeEach
  void write() throws Exception {
    LakeStream stream = LakeStream.create(written, Samples.definition(), time.environment());
    for (String producer : List.of("a", "b")) {
      ProducerSession session = ProducerSession.open(stream, producer);
      for (int steps : new int[] {4, 2}) {
        var bundle = Samples.bundle(session.newBundleKey(), steps, 8, 1);
        written.putIfAbsent(bundle.key(), new byte[100]);
        session.commit(Commit.of(Samples.whole(bundle), "s"));
      }
      if (producer.equals("a")) {
        stream.writeSnapshot();
      }
    }
    original = records(stream, 0, STEPS);
  }

  /** What {@code lakestream repeat} does, from the beginning. */
  private Optional<CommitReceipt> repeat(ObjectStore store, String producer, int partSteps)
      throws IOException, InterruptedException {
    LakeStream stream = LakeStream.open(store, time.environment());
    if (stream.hasKey(ALL.key())) {
      return Optional.empty();
    }
    StepRepeat steps = StepRepeat.of(stream, ALL, ALL.key(), partSteps);
    return ProducerSession.open(stream, producer).repeat(steps);
  }

  private static List<StepRecord> records(LakeStream stream, long from, long to)
      throws IOException {
    List<StepRecord> records = new ArrayList<>();
    for (long step = from; step < to; step++) {
      records.add(stream.groupOf(step).step(step));
    }
    return records;
  }

  private void assertOneMoreEpoch(InspectedStore store, String when) throws IOException {
    LakeStream stream = LakeStream.open(store, time.environment());
    assertThat(stream.state().nextStep()).as(when).isEqualTo(2 * STEPS);
    assertThat(stream.state().totals().rows()).as(when).isEqualTo(16 * 2 * STEPS);
    assertThat(records(stream, 0, STEPS)).as(when).isEqualTo(original);
    long[] order = LongStream.range(0, STEPS).toArray();
    Shuffle.shuffle(order, 7);
    List<StepRecord> permuted =
        LongStream.of(order).mapToObj(step -> original.get((int) step)).toList();
    assertThat(records(stream, STEPS, 2 * STEPS)).as(when).isEqualTo(permuted);
  }

  /** Once all is done and the producers are gone, of a repeat that died nothing stays. */
  private void assertNoGarbage(InspectedStore store, int segments, String when) throws Exception {
    for (String producer : List.of("a", "b", "again")) {
      ProducerSession.open(LakeStream.open(store, time.environment()), producer);
    }
    new Vacuum(LakeStream.open(store, time.environment()), VacuumOptions.defaults()).run();
    assertThat(store.keys("data")).as(when).hasSize(4 + segments);
    assertOneMoreEpoch(store, when);
  }

  /** In the entry itself, and in segments. */
  @ParameterizedTest
  @ValueSource(ints = {STEPS, 3})
  void aRepeatThatDiesIsFinishedByTheNext(int partSteps) throws Exception {
    int segments = partSteps == STEPS ? 0 : STEPS / partSteps;
    int operations =
        new CrashMatrix(backing(), written, store -> repeat(store, "again", partSteps))
            .dies(
                (after, when) -> {
                  LakeStream left = LakeStream.open(after, time.environment());
                  assertThat(left.state().nextStep()).as(when).isIn((long) STEPS, 2L * STEPS);
                  boolean made = left.state().nextStep() > STEPS;
                  assertThat(repeat(after, "again", partSteps).isPresent())
                      .as(when)
                      .isEqualTo(!made);
                  assertOneMoreEpoch(after, when);
                  assertThat(repeat(after, "again", partSteps)).as(when).isEmpty();
                  assertNoGarbage(after, segments, when);
                });
    assertThat(operations).isGreaterThan(10 + segments);
  }

  /** The other one may be the same producer, which fences it, or one of another name. */
  @ParameterizedTest
  @ValueSource(strings = {"again", "another"})
  void aRepeatThatSleepsIsNotDoneTwice(String other) throws Exception {
    int operations =
        new CrashMatrix(backing(), written, store -> repeat(store, "again", 3))
            .sleepsWhile(
                store -> repeat(store, other, 3),
                (after, when) -> {
                  repeat(after, "again", 3);
                  assertOneMoreEpoch(after, when);
                });
    assertThat(operations).isGreaterThan(10);
  }
}
