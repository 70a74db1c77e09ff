// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.lakestream.arrow.RandomRows;
import dev.lakestream.arrow.Rows;
import dev.lakestream.arrow.Schemas;
import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleSpec;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.arrow.bundle.CellCompression;
import dev.lakestream.arrow.bundle.ParquetColumnsOfTests;
import dev.lakestream.arrow.reader.ReaderOptions.Vectors;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.reader.Topology;
import dev.lakestream.reader.Topology.Split;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.util.TransferPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReusedVectorsTest {
  private static final int SLOTS = 4;
  private static final int LENGTH = 16;
  private static final int ROWS = 8;
  private static final ReaderOptions REUSED =
      ReaderOptions.defaults().withDeadline(Duration.ZERO).withVectors(Vectors.REUSED);

  /** What the JVM may do beside it, once, in bytes: not 2 for each of 2,000 cells. */
  private static final long AT_ONCE = 4_000;

  @TempDir Path directory;

  /** Rows of fixed size, as many in each cell, so that all cells are alike. */
  private static StreamSchema fixedSize() {
    Field item = Field.required("item", Simple.INT32);
    return new StreamSchema(
        0,
        List.of(
            Field.required("tokens", new ColumnType.FixedSizeList(item, LENGTH)),
            Field.required("label", Simple.INT32)),
        List.of("tokens"),
        Optional.empty());
  }

  private static void write(
      VectorSchemaRoot root, BundleWriter writer, int step, int slot, int begin)
      throws IOException {
    FixedSizeListVector tokens = (FixedSizeListVector) root.getVector("tokens");
    IntVector items = (IntVector) tokens.getDataVector();
    IntVector label = (IntVector) root.getVector("label");
    root.allocateNew();
    for (int row = 0; row < ROWS; row++) {
      tokens.setNotNull(row);
      label.setSafe(row, begin + row);
      for (int item = 0; item < LENGTH; item++) {
        items.setSafe(row * LENGTH + item, begin + row * LENGTH + item);
      }
    }
    root.setRowCount(ROWS);
    writer.add(step, slot, root, ROWS);
  }

  private static BundleDescriptor commitAlike(StreamFixture fixture, int steps)
      throws IOException, InterruptedException {
    return commitAlike(fixture, steps, CellCompression.NONE);
  }

  private static BundleDescriptor commitAlike(
      StreamFixture fixture, int steps, CellCompression compression)
      throws IOException, InterruptedException {
    BundleSpec spec = BundleSpec.of(fixture.schema, SLOTS, 1).with(compression);
    try (BundleWriter writer =
            BundleWriter.create(
                fixture.store, fixture.producer.newBundleKey(), spec, fixture.allocator);
        VectorSchemaRoot root =
            VectorSchemaRoot.create(ArrowSchemas.toArrow(fixture.schema), fixture.allocator)) {
      long next = fixture.stream.state().nextStep();
      for (int step = 0; step < steps; step++) {
        for (int slot = 0; slot < SLOTS; slot++) {
          write(root, writer, step, slot, begin(next + step, slot));
        }
      }
      BundleResult bundle = writer.finish();
      fixture.commit(List.of(bundle.descriptor()), List.of(StreamFixture.group(0, bundle)));
      return bundle.descriptor();
    }
  }

  private static int begin(long step, int slot) {
    return Math.toIntExact(1_000L * (step + 1) + 200L * slot);
  }

  /** Shapes of cells and what is made of them. */
  private enum Shape {
    /** All alike. */
    FIXED_SIZE,
    /** Varying numbers of rows, with lists and strings, nulls among them. */
    VARYING,
    /** The same, and compressed. */
    ZSTD,
    /** The same, cut in memory along documents. */
    CUT,
    /** The same, put together of two stored pieces. */
    JOINED,
    /** Without a column that the schema has by now. */
    OLDER
  }

  @ParameterizedTest
  @EnumSource(Shape.class)
  void aStepInSteadyStateAllocatesNothing(Shape shape) throws IOException, InterruptedException {
    int steps = 1_000;
    int passes = 400;
    try (StreamFixture fixture = fixture(shape)) {
      fill(fixture, shape, steps);
      Topology topology =
          shape == Shape.CUT
              ? Topology.whole().withContextParallel(1, 2, Split.CONTIGUOUS)
              : Topology.whole();
      long allocated = Long.MAX_VALUE;
      // The steady state is reached when the compiler has seen the code often enough, and was free.
      for (int pass = 0; pass < passes && allocated > AT_ONCE; pass++) {
        allocated = allocatedByHalf(fixture, topology, steps);
      }
      assertThat(allocated).as("bytes").isLessThanOrEqualTo(AT_ONCE);
    }
  }

  private StreamFixture fixture(Shape shape) throws IOException, InterruptedException {
    return switch (shape) {
      case FIXED_SIZE, OLDER -> new StreamFixture(directory, fixedSize(), SLOTS, 1);
      case VARYING, ZSTD, CUT -> StreamFixture.packed(directory, true, SLOTS, 1);
      case JOINED -> StreamFixture.packed(directory, true, SLOTS, 2);
    };
  }

  private static void fill(StreamFixture fixture, Shape shape, int steps)
      throws IOException, InterruptedException {
    switch (shape) {
      case FIXED_SIZE -> commitAlike(fixture, steps);
      case OLDER -> {
        fixture.addColumn(Field.nullable("score", Simple.FLOAT32));
        commitAlike(fixture, steps);
      }
      case VARYING, CUT, JOINED -> fixture.commit(steps);
      case ZSTD -> fixture.commit(steps, CellCompression.ZSTD);
    }
  }

  /** What the second half of the steps of a pass allocates. */
  private static long allocatedByHalf(StreamFixture fixture, Topology topology, int steps)
      throws IOException, InterruptedException {
    try (StepReader reader =
        StepReader.open(fixture.stream, topology, 0, REUSED, fixture.allocator)) {
      for (int step = 0; step < steps / 2; step++) {
        reader.next();
      }
      long before = allocatedBytes();
      for (int step = steps / 2; step < steps; step++) {
        reader.next();
      }
      long allocated = allocatedBytes() - before;
      assertThat(reader.batches()).hasSize(SLOTS).allMatch(SlotBatch::isReused);
      return allocated;
    }
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  /** Their buffers are expanded into memory of their own, so nothing can point into the range. */
  @ParameterizedTest
  @EnumSource(CellCompression.class)
  void compressedCellsHaveTheirValuesAmongOthers(CellCompression compression)
      throws IOException, InterruptedException {
    try (StreamFixture fixture = new StreamFixture(directory, fixedSize(), SLOTS, 1)) {
      commitAlike(fixture, 3, compression);
      commitAlike(fixture, 3);
      commitAlike(fixture, 3, compression);
      try (StepReader reader =
          StepReader.open(fixture.stream, Topology.whole(), 0, REUSED, fixture.allocator)) {
        for (int step = 0; step < 9; step++) {
          assertThat(reader.next()).isTrue();
          checkStep(reader, step);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1 << 20})
  void valuesAreThoseOfTheStepAcrossBundles(long prefetch)
      throws IOException, InterruptedException {
    try (StreamFixture fixture = new StreamFixture(directory, fixedSize(), SLOTS, 1)) {
      commitAlike(fixture, 3);
      commitAlike(fixture, 2);
      try (StepReader reader =
          StepReader.open(
              fixture.stream,
              Topology.whole(),
              0,
              REUSED.withPrefetchBytes(prefetch).withDeadline(Duration.ofSeconds(10)),
              fixture.allocator)) {
        List<VectorSchemaRoot> roots = new ArrayList<>();
        for (int step = 0; step < 5; step++) {
          assertThat(reader.next()).isTrue();
          checkStep(reader, step);
          roots.add(reader.batches().get(0).root());
        }
        assertThat(roots).allMatch(root -> root == roots.get(0));
      }
    }
  }

  private static void checkStep(StepReader reader, long step) {
    assertThat(reader.batches()).hasSize(SLOTS);
    for (SlotBatch batch : reader.batches()) {
      int begin = begin(step, batch.slot());
      IntVector label = (IntVector) batch.root().getVector("label");
      FixedSizeListVector tokens = (FixedSizeListVector) batch.root().getVector("tokens");
      for (int row = 0; row < ROWS; row++) {
        assertThat(label.get(row)).isEqualTo(begin + row);
        assertThat(tokens.getObject(row).get(LENGTH - 1))
            .isEqualTo(begin + row * LENGTH + LENGTH - 1);
      }
    }
  }

  /** Cells of different numbers of rows, with lists; some cut in memory, some fetched alone. */
  @Test
  void anyCellsAreTheSameAsWithVectorsOfTheirOwn() throws IOException, InterruptedException {
    try (StreamFixture fixture = StreamFixture.packed(directory, true, 12, 2)) {
      fixture.commit(3);
      fixture.commit(2);
      List<Topology> topologies =
          List.of(
              Topology.whole(),
              Topology.of(1, 3),
              Topology.of(0, 2).withContextParallel(1, 2, Split.CONTIGUOUS),
              Topology.of(0, 2).withContextParallel(0, 2, Split.ZIGZAG));
      for (Topology topology : topologies) {
        for (int range : new int[] {1 << 20, 64}) {
          ReaderOptions options =
              ReaderOptions.defaults().withDeadline(Duration.ZERO).withMaxRangeBytes(range);
          assertThat(digests(fixture, topology, options.withVectors(Vectors.REUSED)))
              .as("%s, ranges of %d", topology, range)
              .isEqualTo(digests(fixture, topology, options));
        }
      }
    }
  }

  /** Whatever its user closes, the next step is there as a whole. */
  @ParameterizedTest
  @ValueSource(strings = {"tokens", "label", "all"})
  void whoClosesVectorsHasThemAgainInTheNextStep(String closed)
      throws IOException, InterruptedException {
    Topology topology = Topology.whole().withContextParallel(1, 2, Split.CONTIGUOUS);
    try (StreamFixture fixture = StreamFixture.packed(directory, true, SLOTS, 1)) {
      fixture.commit(8);
      List<String> wanted =
          digests(fixture, topology, ReaderOptions.defaults().withDeadline(Duration.ZERO));
      List<String> seen = new ArrayList<>();
      try (StepReader reader =
          StepReader.open(fixture.stream, topology, 0, REUSED, fixture.allocator)) {
        for (int step = 0; step < 8; step++) {
          assertThat(reader.next()).isTrue();
          for (SlotBatch batch : reader.batches()) {
            seen.add(batch.slot() + " " + batch.tokens() + " " + Rows.of(batch.root()));
            if (closed.equals("all")) {
              batch.root().close();
            } else {
              batch.root().getVector(closed).close();
            }
          }
        }
      }
      assertThat(seen).isEqualTo(wanted);
    }
  }

  /** Cells of different numbers of rows, of columns of every type, nulls among them. */
  @ParameterizedTest
  @EnumSource(CellCompression.class)
  void columnsOfEveryTypeAreTheSameAsWithVectorsOfTheirOwn(CellCompression compression)
      throws IOException, InterruptedException {
    List<Field> columns = new ArrayList<>(Schemas.everyType());
    ParquetColumnsOfTests.everyType().stream()
        .filter(column -> columns.stream().noneMatch(field -> field.name().equals(column.name())))
        .forEach(columns::add);
    StreamSchema schema = new StreamSchema(0, columns, List.of(), Optional.empty());
    try (StreamFixture fixture = new StreamFixture(directory, schema, SLOTS, 1)) {
      commitRandom(fixture, 12, compression);
      commitRandom(fixture, 3, CellCompression.NONE);
      ReaderOptions own = ReaderOptions.defaults().withDeadline(Duration.ZERO);
      assertThat(digests(fixture, Topology.whole(), REUSED))
          .hasSize(15 * SLOTS)
          .isEqualTo(digests(fixture, Topology.whole(), own));
      List<String> some = List.of("lists", "n4", "map", "r1");
      assertThat(digests(fixture, Topology.whole(), REUSED.withColumns(some)))
          .isEqualTo(digests(fixture, Topology.whole(), own.withColumns(some)));
    }
  }

  private static void commitRandom(StreamFixture fixture, int steps, CellCompression compression)
      throws IOException, InterruptedException {
    RandomRows random = new RandomRows(steps, fixture.allocator);
    BundleSpec spec = BundleSpec.of(fixture.schema, SLOTS, 1).with(compression);
    try (BundleWriter writer =
        BundleWriter.create(
            fixture.store, fixture.producer.newBundleKey(), spec, fixture.allocator)) {
      for (int step = 0; step < steps; step++) {
        for (int slot = 0; slot < SLOTS; slot++) {
          int rows = step % 5 * (slot + 3);
          try (VectorSchemaRoot root = random.rows(fixture.schema.fields(), rows)) {
            writer.add(step, slot, root, rows);
          }
        }
      }
      BundleResult bundle = writer.finish();
      fixture.commit(List.of(bundle.descriptor()), List.of(StreamFixture.group(0, bundle)));
    }
  }

  private static List<String> digests(
      StreamFixture fixture, Topology topology, ReaderOptions options)
      throws IOException, InterruptedException {
    List<String> rows = new ArrayList<>();
    try (StepReader reader =
        StepReader.open(fixture.stream, topology, 0, options, fixture.allocator)) {
      for (long step = 0; step < fixture.stream.state().nextStep(); step++) {
        reader.next();
        for (SlotBatch batch : reader.batches()) {
          rows.add(batch.slot() + " " + batch.tokens() + " " + Rows.of(batch.root()));
        }
      }
    }
    return rows;
  }

  @Test
  void whatIsUsedAgainCannotBeKept() throws IOException, InterruptedException {
    try (StreamFixture fixture = new StreamFixture(directory, fixedSize(), SLOTS, 1)) {
      commitAlike(fixture, 1);
      try (StepReader reader =
              StepReader.open(fixture.stream, Topology.whole(), 0, REUSED, fixture.allocator);
          BufferAllocator other = fixture.allocator.newChildAllocator("other", 0, 1 << 20)) {
        reader.next();
        IntVector label = (IntVector) reader.batches().get(0).root().getVector("label");
        TransferPair transfer = label.getTransferPair(other);
        assertThatThrownBy(transfer::transfer)
            .isInstanceOf(UnsupportedOperationException.class)
            .hasMessageContaining("copy it");
        transfer.getTo().close();
        assertThatThrownBy(() -> label.getDataBuffer().getReferenceManager().retain())
            .isInstanceOf(UnsupportedOperationException.class);
      }
    }
  }

  @Test
  void nothingIsShownOfADamagedStep() throws IOException, InterruptedException {
    try (StreamFixture fixture = new StreamFixture(directory, fixedSize(), SLOTS, 1)) {
      commitAlike(fixture, 1);
      BundleDescriptor damaged = commitAlike(fixture, 2);
      long end = damaged.runs().start(SLOTS);
      try (FileChannel file = FileChannel.open(fixture.file(damaged), StandardOpenOption.WRITE)) {
        file.write(ByteBuffer.wrap(new byte[] {1}), end - 70);
      }
      try (StepReader reader =
          StepReader.open(fixture.stream, Topology.whole(), 0, REUSED, fixture.allocator)) {
        reader.next();
        VectorSchemaRoot shown = reader.batches().get(0).root();
        reader.next();
        assertThatThrownBy(reader::next)
            .isInstanceOf(CorruptObjectException.class)
            .hasMessageContaining("slot " + (SLOTS - 1) + ", step 1")
            .hasMessageContaining("CRC32C");
        assertThat(reader.batches()).isEmpty();
        assertThat(shown.getVector("label").getValueCount()).isZero();
        assertThat(reader.step()).isEqualTo(1);
      }
    }
  }
}
