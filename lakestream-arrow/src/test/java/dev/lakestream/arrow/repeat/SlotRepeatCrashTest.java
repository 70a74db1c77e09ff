// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.repeat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.arrow.PackedRows;
import dev.lakestream.arrow.Schemas;
import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.RowDigest;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.format.Digest;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.reader.Topology;
import dev.lakestream.repeat.RepeatOrder;
import dev.lakestream.repeat.RepeatRequest;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.CrashMatrix;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A repeat of slots that dies, or sleeps, at each store operation: every row is there twice. */
@Timeout(120)
class SlotRepeatCrashTest {
  private static final int SLOTS = 2;
  private static final int LENGTH = 8;
  private static final int STEPS = 4;
  private static final RepeatRequest ALL = RepeatRequest.of(0, STEPS, RepeatOrder.SLOTS, 3);

  private final VirtualTime time = new VirtualTime(4);
  private final InspectedStore written = backing().empty(time);
  private final StreamSchema schema = Schemas.packed(LENGTH, true);
  private final BufferAllocator allocator = new RootAllocator();
  private List<Digest> original = List.of();

  /** What keeps the objects; a subclass runs the same tests on another store. */
  protected Backing backing() {
    return Backing.memory();
  }

  @BeforeEach
  void write() throws Exception {
    LakeStream stream =
        LakeStream.create(
            written,
            new StreamDefinition(schema.fields(), SLOTS, 1, schema.sequence(), schema.boundaries()),
            time.environment());
    ProducerSession session = ProducerSession.open(stream, "tok");
    commit(stream, session, 3);
    commit(stream, session, 1);
    original = rows(written, 0, STEPS);
    assertThat(original).hasSize(2 * SLOTS * STEPS).doesNotHaveDuplicates();
  }

  /** Also finds memory that a repeat that died has not given back. */
  @AfterEach
  void close() {
    allocator.close();
  }

  private void commit(LakeStream stream, ProducerSession session, int steps) throws Exception {
    long first = stream.state().nextStep();
    BundleResult bundle;
    try (BundleWriter writer =
        BundleWriter.create(
            written, session.newBundleKey(), BundleSpec.of(schema, SLOTS, 1), allocator)) {
      for (int step = 0; step < steps; step++) {
        for (int slot = 0; slot < SLOTS; slot++) {
          int seed = Math.toIntExact((first + step) * 100 + slot);
          List<List<Integer>> documents = List.of(List.of(0, 3, LENGTH), List.of(0, LENGTH));
          try (VectorSchemaRoot rows = PackedRows.rows(allocator, schema, documents, seed)) {
            writer.add(step, slot, rows, 10L);
          }
        }
      }
      bundle = writer.finish();
    }
    StepGroup group =
        new StepGroup.BundleGroup(
            0, bundle.steps().stream().map(BundleResult.BundleStep::asRecord).toList());
    session.commit(
        Commit.of(new CommitContent.Inline(List.of(bundle.descriptor()), List.of(group)), "s"));
  }

  private Optional<CommitReceipt> repeat(ObjectStore store)
      throws IOException, InterruptedException {
    LakeStream stream = LakeStream.open(store, time.environment());
    if (stream.hasKey(ALL.key())) {
      return Optional.empty();
    }
    SlotRepeat steps = SlotRepeat.of(stream, ALL, ALL.key(), allocator);
    return ProducerSession.open(stream, "again").repeat(steps);
  }

  /** A digest for each row, in order. */
  private List<Digest> rows(ObjectStore store, long from, long to) throws Exception {
    List<Digest> rows = new ArrayList<>();
    ReaderOptions options = ReaderOptions.defaults().withDeadline(Duration.ZERO);
    LakeStream stream = LakeStream.open(store, time.environment());
    try (StepReader reader = StepReader.open(stream, Topology.whole(), from, options, allocator)) {
      while (reader.cursor().nextStep() < to && reader.next()) {
        for (SlotBatch batch : reader.batches()) {
          rows.addAll(RowDigest.of(batch.root()));
        }
      }
    }
    return rows;
  }

  private void assertOneMoreEpoch(InspectedStore store, String when) throws Exception {
    LakeStream stream = LakeStream.open(store, time.environment());
    assertThat(stream.state().nextStep()).as(when).isEqualTo(2 * STEPS);
    assertThat(rows(store, 0, STEPS)).as(when).isEqualTo(original);
    assertThat(rows(store, STEPS, 2 * STEPS))
        .as(when)
        .isNotEqualTo(original)
        .containsExactlyInAnyOrderElementsOf(original);
  }

  @Test
  void aRepeatThatDiesIsFinishedByTheNext() throws Exception {
    int operations =
        new CrashMatrix(backing(), written, this::repeat)
            .dies(
                (after, when) -> {
                  repeat(after);
                  assertOneMoreEpoch(after, when);
                  assertThat(repeat(after)).as(when).isEmpty();
                });
    assertThat(operations).isGreaterThan(10);
  }

  @Test
  void aRepeatThatSleepsIsNotDoneTwice() throws Exception {
    int operations =
        new CrashMatrix(backing(), written, this::repeat)
            .sleepsWhile(
                this::repeat,
                (after, when) -> {
                  repeat(after);
                  assertOneMoreEpoch(after, when);
                });
    assertThat(operations).isGreaterThan(10);
  }
}
