// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.repeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.arrow.PackedRows;
import dev.lakestream.arrow.Schemas;
import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.RowDigest;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.arrow.reader.StepVerifier;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.fork.Forks;
import dev.lakestream.format.Digest;
import dev.lakestream.log.Action;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.reader.Cursor;
import dev.lakestream.reader.Topology;
import dev.lakestream.repeat.RepeatOrder;
import dev.lakestream.repeat.RepeatRequest;
import dev.lakestream.repeat.Shuffle;
import dev.lakestream.repeat.StepRepeat;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real bundles, read through forks and repeats: the rows are those of the original steps. */
@Timeout(120)
class ForkAndRepeatReadingTest {
  private static final int SLOTS = 4;
  private static final int LENGTH = 8;
  private static final Map<String, String> QUICK = Map.of("local.durability", "process");

  @TempDir Path directory;

  private final BufferAllocator allocator = new RootAllocator();
  private final StreamSchema schema = Schemas.packed(LENGTH, true);
  private final List<ObjectStore> opened = new ArrayList<>();
  private LakeStream stream;

  @BeforeEach
  void writeStream() throws Exception {
    stream =
        LakeStream.create(
            store(""),
            new StreamDefinition(schema.fields(), SLOTS, 1, schema.sequence(), schema.boundaries()),
            dev.lakestream.stream.Environment.system());
    ProducerSession session = ProducerSession.open(stream, "tok");
    for (int i = 0; i < 3; i++) {
      commit(stream, session, schema, 3);
    }
  }

  @AfterEach
  void close() throws IOException {
    allocator.close();
    for (ObjectStore store : opened) {
      store.close();
    }
  }

  /** Where the stream is kept; a subclass runs the same tests on another store. */
  protected ObjectStore open(Path at, String below) {
    return ObjectStores.open(at.resolve("s") + below, QUICK);
  }

  private ObjectStore store(String below) {
    ObjectStore store = open(directory, below);
    opened.add(store);
    return store;
  }

  private LakeStream open(String below) throws IOException {
    return LakeStream.open(store(below));
  }

  private void commit(LakeStream target, ProducerSession session, StreamSchema of, int steps)
      throws IOException, InterruptedException {
    long first = target.state().nextStep();
    BundleSpec spec = BundleSpec.of(of, SLOTS, 1);
    BundleResult bundle;
    try (BundleWriter writer =
        BundleWriter.create(target.store(), session.newBundleKey(), spec, allocator)) {
      for (int step = 0; step < steps; step++) {
        for (int slot = 0; slot < SLOTS; slot++) {
          int seed = Math.toIntExact((first + step) * 100 + slot);
          try (VectorSchemaRoot rows =
              PackedRows.rows(
                  allocator, of, List.of(List.of(0, 3, LENGTH), List.of(0, LENGTH)), seed)) {
            writer.add(step, slot, rows, 10L + slot);
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

  /** The digests of the rows of a rank, a list for each of its slots. */
  private List<List<Digest>> read(LakeStream from, long first, long to, Topology topology)
      throws IOException, InterruptedException {
    List<List<Digest>> slots = new ArrayList<>();
    ReaderOptions options = ReaderOptions.defaults().withDeadline(Duration.ZERO);
    try (StepReader reader = StepReader.open(from, topology, first, options, allocator)) {
      for (long step = first; step < to; step++) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.step()).isEqualTo(step);
        for (SlotBatch batch : reader.batches()) {
          slots.add(RowDigest.of(batch.root()));
        }
      }
    }
    return slots;
  }

  private void verify(LakeStream of, long from, long to) throws IOException {
    for (long step = from; step < to; step++) {
      CommittedGroup group = of.groupOf(step);
      try (StepVerifier verifier = StepVerifier.open(of.storeOf(group), group, allocator)) {
        verifier.verify(step);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 5, 6, 9})
  void aForkReadsItsParentsRowsAndItsOwn(long step) throws Exception {
    LakeStream fork = new Forks(stream).create("x", step);
    ProducerSession session = ProducerSession.open(fork, "tok");
    commit(fork, session, schema, 2);
    LakeStream again = open("/forks/x");
    assertThat(again.state().nextStep()).isEqualTo(step + 2);
    for (Topology topology : List.of(Topology.whole(), Topology.of(1, 2))) {
      assertThat(read(again, 0, step, topology)).isEqualTo(read(stream, 0, step, topology));
    }
    verify(again, 0, step + 2);
    // The same rows were written at the same steps, so the fork is as its parent would be.
    long common = Math.min(step + 2, 9);
    assertThat(read(again, 0, common, Topology.whole()))
        .isEqualTo(read(stream, 0, common, Topology.whole()));
  }

  @Test
  void aForkOfAForkReadsThroughBoth() throws Exception {
    LakeStream fork = new Forks(stream).create("x", 5);
    commit(fork, ProducerSession.open(fork, "b"), schema, 3);
    LakeStream second = new Forks(fork).create("y", 7);
    commit(second, ProducerSession.open(second, "c"), schema, 2);
    LakeStream again = open("/forks/x/forks/y");
    assertThat(read(again, 0, 9, Topology.whole())).isEqualTo(read(stream, 0, 9, Topology.whole()));
    verify(again, 0, 9);
  }

  @Test
  void aReaderOfTheParentGoesOnInTheFork() throws Exception {
    ReaderOptions options = ReaderOptions.defaults().withDeadline(Duration.ZERO);
    Cursor cursor;
    try (StepReader reader = StepReader.open(stream, Topology.of(0, 2), 0, options, allocator)) {
      reader.next();
      reader.next();
      cursor = reader.cursor();
    }
    LakeStream fork = new Forks(stream).create("x", 4);
    try (StepReader reader = StepReader.open(fork, Topology.of(0, 4), cursor, options, allocator)) {
      assertThat(reader.cursor().stream()).as("from now on").isEqualTo(fork.id());
      assertThat(reader.next()).isTrue();
      assertThat(reader.step()).isEqualTo(2);
      assertThat(reader.next()).isTrue();
      assertThat(fork.check(reader.cursor()).nextStep()).isEqualTo(4);
      assertThatThrownBy(reader::next)
          .as("the fork has no steps of its own yet")
          .isInstanceOf(StepUnavailableException.class);
    }
  }

  /** What the parent trimmed and deleted in spite of the pin is told as what it is. */
  @Test
  void aTrimUnderARunningReaderIsTold() throws Exception {
    LakeStream fork = new Forks(stream).create("x", 9);
    ReaderOptions options = ReaderOptions.defaults().withDeadline(Duration.ZERO);
    try (StepReader reader = StepReader.open(fork, Topology.whole(), 0, options, allocator)) {
      reader.next();
      StreamControl control = new StreamControl(stream);
      control.commit(new Action.Trim(6, control.commit(new Action.TrimIntent(6))));
      stream.store().delete(fork.groupOf(3).sources(3).get(0).bundle().key());
      reader.next();
      reader.next();
      assertThatThrownBy(reader::next)
          .isInstanceOf(StepUnavailableException.class)
          .hasMessageContaining("the first readable step is 6");
    }
  }

  @Test
  void repeatedStepsHaveTheRowsOfTheirOriginals() throws Exception {
    ProducerSession session = ProducerSession.open(stream, "again");
    RepeatRequest request = RepeatRequest.of(1, 9, RepeatOrder.STEPS, 4);
    assertThat(session.repeat(StepRepeat.of(stream, request))).isPresent();
    verify(stream, 9, 17);
    long[] order = LongStream.range(1, 9).toArray();
    Shuffle.shuffle(order, 4);
    for (Topology topology : List.of(Topology.whole(), Topology.of(1, 2))) {
      for (int i = 0; i < 8; i++) {
        assertThat(read(stream, 9 + i, 10 + i, topology))
            .isEqualTo(read(stream, order[i], order[i] + 1, topology));
      }
    }
  }

  @Test
  void repeatedSlotsAreMixedOverAllSteps() throws Exception {
    ProducerSession session = ProducerSession.open(stream, "again");
    RepeatRequest request = RepeatRequest.of(0, 9, RepeatOrder.SLOTS, 4);
    assertThat(session.repeat(SlotRepeat.of(stream, request, request.key(), allocator)))
        .isPresent();
    verify(stream, 9, 18);
    List<List<Digest>> before = read(stream, 0, 9, Topology.whole());
    List<List<Digest>> after = read(stream, 9, 18, Topology.whole());
    assertThat(after).isNotEqualTo(before).containsExactlyInAnyOrderElementsOf(before);
    long[] order = LongStream.range(0, 36).toArray();
    Shuffle.shuffle(order, 4);
    for (int slot = 0; slot < 36; slot++) {
      assertThat(after.get(slot)).isEqualTo(before.get((int) order[slot]));
    }
    assertThat(stream.groupOf(9).step(9).tokens()).isPositive();
    assertThat(stream.state().totals().tokens()).isEqualTo(2 * 9 * (10 + 11 + 12 + 13));
    assertThat(session.repeat(SlotRepeat.of(stream, request, request.key(), allocator)))
        .as("once")
        .isEmpty();
  }

  @Test
  void aForkRepeatsItsOwnSteps() throws Exception {
    LakeStream fork = new Forks(stream).create("x", 4);
    ProducerSession session = ProducerSession.open(fork, "tok");
    commit(fork, session, schema, 3);
    RepeatRequest request = RepeatRequest.of(4, 7, RepeatOrder.SLOTS, 1);
    assertThat(session.repeat(SlotRepeat.of(fork, request, "k", allocator))).isPresent();
    verify(fork, 0, 10);
    assertThat(read(fork, 7, 10, Topology.whole()))
        .containsExactlyInAnyOrderElementsOf(read(fork, 4, 7, Topology.whole()));
    assertThatThrownBy(
            () -> SlotRepeat.of(fork, RepeatRequest.of(3, 7, RepeatOrder.SLOTS, 1), "l", allocator))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("first own step is 4");
  }

  /** Old steps stay as they were; a step that repeats them is delivered with the new column. */
  @Test
  void repeatsAcrossAnEvolution() throws Exception {
    List<Field> fields = new ArrayList<>(schema.fields());
    fields.add(Field.nullable("score", ColumnType.Simple.FLOAT32));
    StreamSchema wider = new StreamSchema(1, fields, schema.sequence(), schema.boundaries());
    new StreamControl(stream).commit(new Action.AddSchema(wider));
    ProducerSession session = ProducerSession.open(stream, "again");
    assertThat(
            session.repeat(
                StepRepeat.of(stream, RepeatRequest.of(0, 2, RepeatOrder.AS_WRITTEN, 0))))
        .isPresent();
    ReaderOptions options = ReaderOptions.defaults().withDeadline(Duration.ZERO);
    try (StepReader reader = StepReader.open(stream, Topology.whole(), 8, options, allocator)) {
      reader.next();
      assertThat(reader.batches().get(0).root().getVector("score")).isNull();
      reader.next();
      var score = reader.batches().get(0).root().getVector("score");
      assertThat(score.getNullCount()).isEqualTo(2);
    }
    LakeStream fork = new Forks(stream).create("x", 10);
    assertThat(read(fork, 0, 10, Topology.whole()))
        .isEqualTo(read(stream, 0, 10, Topology.whole()));
    assertThat(fork.state().schemaAt(fork.groupOf(8).version()).id()).isZero();
    assertThat(Optional.of(fork.state().schemaAt(fork.groupOf(9).version()).id())).contains(1);
  }
}
