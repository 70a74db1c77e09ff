// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.arrow.HandCut;
import dev.lakestream.arrow.Rows;
import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.arrow.bundle.StepDigest;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.log.Action;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.reader.Cursor;
import dev.lakestream.reader.Topology;
import dev.lakestream.reader.Topology.Split;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.util.TransferPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepReaderTest {
  private static final int SLOTS = 12;
  private static final ReaderOptions PROMPT = ReaderOptions.defaults().withDeadline(Duration.ZERO);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"1, false", "1, true", "2, true", "4, false", "8, true"})
  void everyTopologyGetsEveryRowOnceAndInOrder(int pieces, boolean boundaries)
      throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, boundaries, SLOTS, pieces)) {
      fixture.commit(2);
      fixture.commit(1);
      for (int dpSize : new int[] {1, 2, 3, 4, 6, 12}) {
        for (Topology cp : contextTopologies()) {
          for (int dpRank = 0; dpRank < dpSize; dpRank++) {
            Topology topology =
                new Topology(dpRank, dpSize, cp.cpRank(), cp.cpSize(), cp.split(), cp.documents());
            checkAllSteps(fixture, topology, PROMPT);
          }
        }
      }
    }
  }

  private static List<Topology> contextTopologies() {
    List<Topology> all = new ArrayList<>();
    for (int size : new int[] {1, 2, 4}) {
      for (int rank = 0; rank < size; rank++) {
        for (Split split : Split.values()) {
          Topology topology = Topology.whole().withContextParallel(rank, size, split);
          all.add(topology);
          all.add(topology.wholeSequences());
          all.add(topology.perDocument("documents"));
        }
      }
    }
    return all;
  }

  private static void checkAllSteps(StreamFixture fixture, Topology topology, ReaderOptions options)
      throws IOException, InterruptedException {
    long steps = fixture.stream.state().nextStep();
    try (StepReader reader =
        StepReader.open(fixture.stream, topology, 0, options, fixture.allocator)) {
      for (long step = 0; step < steps; step++) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.step()).isEqualTo(step);
        checkStep(fixture, topology, reader);
      }
    }
  }

  private static void checkStep(StreamFixture fixture, Topology topology, StepReader reader) {
    int first = topology.firstSlot(fixture.slots);
    int count = topology.slotsPerRank(fixture.slots);
    assertThat(reader.batches().stream().map(SlotBatch::slot).toList())
        .isEqualTo(IntStream.range(first, first + count).boxed().toList());
    for (SlotBatch batch : reader.batches()) {
      assertThat(tokens(batch.root()))
          .as("%s step %d slot %d", topology, reader.step(), batch.slot())
          .isEqualTo(expectedTokens(fixture, topology, reader.step(), batch.slot()));
      assertThat(batch.root().getFieldVectors()).hasSize(fixture.schema.fields().size());
      assertThat(batch.root().getVector("label").getNullCount()).isZero();
      assertThat(batch.tokens()).isEqualTo(10 + batch.slot());
    }
  }

  private static List<List<?>> expectedTokens(
      StreamFixture fixture, Topology topology, long step, int slot) {
    List<List<Integer>> documents = StreamFixture.documents(step, slot);
    try (VectorSchemaRoot rows = fixture.rows(step, slot)) {
      List<List<?>> all = tokens(rows);
      return IntStream.range(0, all.size())
          .<List<?>>mapToObj(
              row ->
                  HandCut.of(
                      all.get(row), documents.get(row), topology, fixture.schema.boundaries()))
          .toList();
    }
  }

  private static List<List<?>> tokens(VectorSchemaRoot root) {
    List<List<?>> rows = new ArrayList<>();
    for (int row = 0; row < root.getRowCount(); row++) {
      rows.add(List.copyOf((List<?>) root.getVector("tokens").getObject(row)));
    }
    return rows;
  }

  @Test
  void aRunGoesOnAtEveryCursorOnAnyTopology() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, false, SLOTS, 1)) {
      fixture.commit(3);
      fixture.commit(2);
      List<String> cursors = new ArrayList<>();
      try (StepReader reader =
          StepReader.open(fixture.stream, Topology.of(1, 3), 0, PROMPT, fixture.allocator)) {
        cursors.add(reader.cursor().toJson());
        for (int step = 0; step < 5; step++) {
          assertThat(reader.next()).isTrue();
          cursors.add(reader.cursor().toJson());
        }
      }
      LakeStream reopened = LakeStream.open(fixture.store);
      for (int next = 0; next < 5; next++) {
        Topology other = Topology.of(3, 4);
        Cursor cursor = Cursor.fromJson(cursors.get(next));
        try (StepReader reader =
            StepReader.open(reopened, other, cursor, PROMPT, fixture.allocator)) {
          assertThat(reader.cursor()).isEqualTo(cursor);
          assertThat(reader.next()).isTrue();
          assertThat(reader.step()).isEqualTo(next);
          checkStep(fixture, other, reader);
          assertThat(reader.cursor().toJson()).isEqualTo(cursors.get(next + 1));
        }
      }
      Cursor wrong = Cursor.fromJson(cursors.get(2).replace("\"next_step\":2", "\"next_step\":3"));
      assertThatThrownBy(
              () -> StepReader.open(reopened, Topology.whole(), wrong, PROMPT, fixture.allocator))
          .isInstanceOf(InvalidRequestException.class);
    }
  }

  @Test
  void allRanksTogetherReadEveryByteOfTheRunsOnce() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, false, SLOTS, 4)) {
      BundleDescriptor bundle = fixture.commit(4);
      long runs = bundle.runs().start(SLOTS * 4) - bundle.runs().start(0);
      for (int dpSize : new int[] {1, 3, 12}) {
        fixture.store.reset();
        for (int dpRank = 0; dpRank < dpSize; dpRank++) {
          for (int cpRank = 0; cpRank < 4; cpRank++) {
            Topology topology =
                Topology.of(dpRank, dpSize).withContextParallel(cpRank, 4, Split.CONTIGUOUS);
            checkAllSteps(fixture, topology, PROMPT);
          }
        }
        assertThat(fixture.store.bytes()).isEqualTo(runs);
        assertThat(fixture.store.ranges()).isEqualTo(4L * dpSize);
      }
      fixture.store.reset();
      checkAllSteps(fixture, Topology.of(1, 3).withContextParallel(0, 2, Split.ZIGZAG), PROMPT);
      assertThat(fixture.store.ranges()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @CsvSource({"64", "2048", "10000", "50000"})
  void whatIsTooLargeForOneRangeIsReadInSeveral(int maxRangeBytes)
      throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, false, SLOTS, 2)) {
      fixture.commit(3);
      checkAllSteps(fixture, Topology.of(1, 2), PROMPT.withMaxRangeBytes(maxRangeBytes));
    }
  }

  @Test
  void stepsOfCellsFromSeveralBundlesReadLikeOthers() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, false, SLOTS, 2)) {
      BundleResult whole = fixture.upload(0, 2, 0, SLOTS);
      BundleResult head = fixture.upload(2, 3, 0, 5);
      BundleResult tail = fixture.upload(2, 3, 5, 7);
      List<SlotSummary> slots =
          Stream.of(head, tail).flatMap(part -> part.steps().get(0).slots().stream()).toList();
      StepRecord composed =
          StepRecord.of(
              slots.stream().mapToLong(SlotSummary::rows).sum(),
              slots.stream().mapToLong(SlotSummary::tokens).sum(),
              StepDigest.of(slots.stream().map(SlotSummary::digest).toList()));
      StepRecord repeated = whole.steps().get(1).asRecord();
      fixture.commit(
          List.of(head.descriptor(), tail.descriptor(), whole.descriptor()),
          List.of(
              StreamFixture.group(2, whole),
              new StepGroup.CellGroup(
                  List.of(new CellRange(0, 0, 5, 0), new CellRange(1, 0, 7, 0)), composed),
              new StepGroup.CellGroup(List.of(new CellRange(2, 0, SLOTS, 1)), repeated)));
      Topology topology = Topology.of(1, 3);
      try (StepReader reader =
          StepReader.open(fixture.stream, topology, 2, PROMPT, fixture.allocator)) {
        assertThat(reader.next()).isTrue();
        for (SlotBatch batch : reader.batches()) {
          assertThat(tokens(batch.root()))
              .isEqualTo(expectedTokens(fixture, topology, 2, batch.slot()));
        }
        fixture.store.reset();
        assertThat(reader.next()).isTrue();
        for (SlotBatch batch : reader.batches()) {
          assertThat(tokens(batch.root()))
              .isEqualTo(expectedTokens(fixture, topology, 1, batch.slot()));
        }
      }
      for (long step = 0; step < 4; step++) {
        verify(fixture, step);
      }
    }
  }

  @Test
  void theLogIsComparedWithTheDirectories() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, false, SLOTS, 2)) {
      fixture.commit(2);
      BundleResult bundle = fixture.upload(2, 3, 0, SLOTS);
      StepRecord sound = bundle.steps().get(0).asRecord();
      fixture.commit(
          List.of(bundle.descriptor()),
          List.of(
              new StepGroup.BundleGroup(
                  0, List.of(StepRecord.of(sound.rows() + 1, sound.tokens(), sound.digest())))));
      verify(fixture, 0);
      verify(fixture, 1);
      assertThatThrownBy(() -> verify(fixture, 2))
          .hasMessageContaining(bundle.descriptor().key().value())
          .hasMessageContaining("rows");
    }
  }

  private static void verify(StreamFixture fixture, long step) throws IOException {
    try (StepVerifier verifier =
        StepVerifier.open(fixture.store, fixture.stream.groupOf(step), fixture.allocator)) {
      verifier.verify(step);
    }
  }

  @Test
  void skipsApplyFromTheRulesVersionOn() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, false, SLOTS, 1)) {
      fixture.commit(6);
      StreamControl control = new StreamControl(fixture.stream);
      long rules = control.commit(new Action.Skip(1, 3, "spike"));
      control.commit(new Action.Skip(4, 6, "later"));
      control.commit(new Action.Seal());
      assertThat(stepsUnder(fixture, PROMPT)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
      assertThat(stepsUnder(fixture, PROMPT.withRules(rules))).containsExactly(0L, 3L, 4L, 5L);
      assertThat(stepsUnder(fixture, PROMPT.withRules(rules + 1))).containsExactly(0L, 3L);
      assertThatThrownBy(() -> stepsUnder(fixture, PROMPT.withRules(rules + 9)))
          .isInstanceOf(InvalidRequestException.class);
    }
  }

  /** The rules version alone decides: not what a rank has seen of the log when it starts. */
  @Test
  void ranksAgreeWhateverTheyHaveSeenOfTheLog() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, false, SLOTS, 1)) {
      fixture.commit(6);
      LakeStream early = LakeStream.open(fixture.store);
      StreamControl control = new StreamControl(fixture.stream);
      try (StepReader running =
          StepReader.open(early, Topology.of(1, 4), 0, PROMPT, fixture.allocator)) {
        assertThat(running.next()).isTrue();
        long rules = control.commit(new Action.Skip(1, 3, "spike"));
        LakeStream late = LakeStream.open(fixture.store);
        long overlapping = control.commit(new Action.Skip(2, 4, "spike"));
        control.commit(new Action.TrimIntent(2));
        control.commit(new Action.Trim(2, overlapping + 1), new Action.Seal());
        LakeStream latest = LakeStream.open(fixture.store);
        for (LakeStream stream : List.of(early, late, latest)) {
          assertThat(stepsOf(fixture, stream, rules)).containsExactly(3L, 4L, 5L);
          assertThat(stepsOf(fixture, stream, overlapping)).containsExactly(4L, 5L);
        }
        assertThat(running.next()).isTrue();
        assertThat(running.step())
            .as("its rules don't change, and it has fetched the bundle before")
            .isEqualTo(1);
      }
    }
  }

  private static List<Long> stepsOf(StreamFixture fixture, LakeStream stream, long rules)
      throws IOException, InterruptedException {
    List<Long> steps = new ArrayList<>();
    try (StepReader reader =
        StepReader.open(stream, Topology.of(0, 4), 2, PROMPT.withRules(rules), fixture.allocator)) {
      while (reader.next()) {
        steps.add(reader.step());
      }
    }
    return steps;
  }

  private static List<Long> stepsUnder(StreamFixture fixture, ReaderOptions options)
      throws IOException, InterruptedException {
    List<Long> steps = new ArrayList<>();
    try (StepReader reader =
        StepReader.open(fixture.stream, Topology.of(0, 4), 0, options, fixture.allocator)) {
      while (reader.next()) {
        steps.add(reader.step());
        assertThat(reader.cursor().rules()).isEqualTo(options.rules().orElse(-1));
      }
      assertThat(reader.next()).isFalse();
    }
    return steps;
  }

  @Test
  void trimmedAndMissingStepsAreUnavailable() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, false, SLOTS, 1)) {
      BundleDescriptor first = fixture.commit(1);
      fixture.commit(1);
      LakeStream follower = LakeStream.open(fixture.store);
      StreamControl control = new StreamControl(fixture.stream);
      long intent = control.commit(new Action.TrimIntent(1));
      control.commit(new Action.Trim(1, intent));
      fixture.store.delete(first.key());
      try (StepReader reader =
          StepReader.open(follower, Topology.whole(), 0, PROMPT, fixture.allocator)) {
        assertThatThrownBy(reader::next)
            .isInstanceOf(StepUnavailableException.class)
            .hasMessageContaining("step 0 was trimmed")
            .hasMessageContaining("first readable step is 1");
      }
      try (StepReader reader =
          StepReader.open(fixture.stream, Topology.whole(), 1, PROMPT, fixture.allocator)) {
        assertThat(reader.next()).isTrue();
        assertThatThrownBy(reader::next)
            .isInstanceOf(StepUnavailableException.class)
            .hasMessageContaining("step 2 is not committed");
        fixture.commit(1);
        assertThat(reader.next()).isTrue();
        assertThat(reader.step()).isEqualTo(2);
      }
    }
  }

  @Test
  void columnsThatABundleLacksAreNull() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, false, SLOTS, 1)) {
      fixture.commit(1);
      fixture.addColumn(Field.nullable("score", Simple.FLOAT32));
      fixture.commit(1);
      try (StepReader reader =
          StepReader.open(fixture.stream, Topology.whole(), 0, PROMPT, fixture.allocator)) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.batches().get(0).root().getFieldVectors()).hasSize(4);
        assertThat(reader.next()).isTrue();
        for (SlotBatch batch : reader.batches()) {
          assertThat(batch.root().getFieldVectors()).hasSize(5);
          assertThat(batch.root().getVector("score").getNullCount())
              .isEqualTo(batch.root().getRowCount());
        }
      }
    }
  }

  @Test
  void onlyWantedColumnsAreDeliveredInTheOrderWanted() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, true, SLOTS, 2)) {
      fixture.commit(1);
      ReaderOptions options = PROMPT.withColumns(List.of("label", "tokens"));
      Topology topology =
          Topology.whole().withContextParallel(1, 2, Split.ZIGZAG).perDocument("documents");
      try (StepReader reader =
          StepReader.open(fixture.stream, topology, 0, options, fixture.allocator)) {
        assertThat(reader.next()).isTrue();
        for (SlotBatch batch : reader.batches()) {
          assertThat(batch.root().getSchema().getFields().stream().map(f -> f.getName()))
              .containsExactly("label", "tokens");
          assertThat(tokens(batch.root()))
              .isEqualTo(expectedTokens(fixture, topology, 0, batch.slot()));
          assertThat(Rows.of(batch.root())).hasSize(batch.root().getRowCount());
        }
      }
      assertThatThrownBy(
              () ->
                  StepReader.open(
                      fixture.stream,
                      topology,
                      0,
                      PROMPT.withColumns(List.of("mail")),
                      fixture.allocator))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("'mail'")
          .hasMessageContaining("label");
    }
  }

  @Test
  void vectorsThatAreTakenOutKeepTheirMemory() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, false, SLOTS, 1)) {
      BundleDescriptor bundle = fixture.commit(1);
      FieldVector kept;
      try (StepReader reader =
          StepReader.open(fixture.stream, Topology.of(1, 12), 0, PROMPT, fixture.allocator)) {
        assertThat(reader.next()).isTrue();
        TransferPair pair =
            reader.batches().get(0).root().getVector("tokens").getTransferPair(fixture.allocator);
        pair.transfer();
        kept = (FieldVector) pair.getTo();
      }
      fixture.store.delete(bundle.key());
      try (VectorSchemaRoot root = VectorSchemaRoot.of(kept)) {
        assertThat(tokens(root)).isEqualTo(expectedTokens(fixture, Topology.whole(), 0, 1));
      }
      assertThat(fixture.allocator.getAllocatedMemory()).isZero();
    }
  }

  @Test
  void whatDoesNotFitTheTopologyIsRefused() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, false, SLOTS, 1)) {
      fixture.commit(1);
      try (StepReader reader =
          StepReader.open(fixture.stream, Topology.of(0, 5), 0, PROMPT, fixture.allocator)) {
        assertThatThrownBy(reader::next)
            .isInstanceOf(InvalidRequestException.class)
            .hasMessageContaining("dp_size 5");
      }
      Topology odd = Topology.whole().withContextParallel(0, 5, Split.CONTIGUOUS);
      assertThatThrownBy(() -> StepReader.open(fixture.stream, odd, 0, PROMPT, fixture.allocator))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("'positions'");
    }
  }
}
