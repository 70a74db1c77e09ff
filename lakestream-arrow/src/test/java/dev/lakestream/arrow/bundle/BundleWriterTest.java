// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.arrow.PackedRows;
import dev.lakestream.arrow.RandomRows;
import dev.lakestream.arrow.Rows;
import dev.lakestream.arrow.Schemas;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleWriterTest {
  private static final StreamSchema NUMBERS = Schemas.of(Field.required("n", Simple.INT32));

  @TempDir Path directory;
  private BundleFixture fixture;

  @BeforeEach
  void open() {
    fixture = new BundleFixture(directory);
  }

  @AfterEach
  void nothingLeaks() {
    fixture.close();
  }

  @Test
  void anArrowFileHoldsAllCellsInTheOrderOfSlotsThenSteps() throws IOException {
    StreamSchema schema = new StreamSchema(0, Schemas.everyType(), List.of(), Optional.empty());
    int steps = 3;
    int slots = 4;
    fixture.write(schema, steps, slots, 1);
    try (FileChannel file = FileChannel.open(fixture.file());
        ArrowFileReader reader = new ArrowFileReader(file, fixture.allocator)) {
      assertThat(reader.getVectorSchemaRoot().getSchema()).isEqualTo(ArrowSchemas.toArrow(schema));
      assertThat(reader.getRecordBlocks()).hasSize(steps * slots);
      for (int slot = 0; slot < slots; slot++) {
        for (int step = 0; step < steps; step++) {
          assertThat(reader.loadNextBatch()).isTrue();
          try (VectorSchemaRoot expected = fixture.rows(schema, step, slot)) {
            assertThat(Rows.of(reader.getVectorSchemaRoot())).isEqualTo(Rows.of(expected));
          }
        }
      }
      assertThat(reader.loadNextBatch()).isFalse();
    }
  }

  @Test
  void everyRunCellBodyAndBufferIsAligned() throws IOException {
    StreamSchema schema = new StreamSchema(0, Schemas.everyType(), List.of(), Optional.empty());
    BundleDescriptor bundle = fixture.write(schema, 2, 3, 1).descriptor();
    for (int run = 0; run <= bundle.runs().runs(); run++) {
      assertThat(bundle.runs().start(run) % 64).isZero();
    }
    try (FileChannel file = FileChannel.open(fixture.file());
        ArrowFileReader reader = new ArrowFileReader(file, fixture.allocator)) {
      for (ArrowBlock block : reader.getRecordBlocks()) {
        assertThat(block.getOffset() % 64).isZero();
        assertThat(block.getMetadataLength() % 64).isZero();
        assertThat(block.getBodyLength() % 64).isZero();
        assertThat(reader.loadRecordBatch(block)).isTrue();
      }
    }
    assertThat(Files.size(fixture.file())).isEqualTo(bundle.bytes());
    try (VectorSchemaRoot rows = fixture.rows(schema, 1, 1);
        EncodedCell cell = new CellEncoder(schema.fields(), fixture.allocator).encode(rows)) {
      assertThat(cell.length() % 64).isZero();
      ByteBuffer metadata = ByteBuffer.wrap(CellBytes.of(cell), 8, cell.metadataLength() - 8);
      Message message = Message.getRootAsMessage(metadata);
      assertThat(message.bodyLength()).isEqualTo(cell.length() - cell.metadataLength());
      RecordBatch batch = (RecordBatch) message.header(new RecordBatch());
      assertThat(batch.buffersLength()).isGreaterThan(schema.fields().size());
      for (int buffer = 0; buffer < batch.buffersLength(); buffer++) {
        assertThat(batch.buffers(buffer).offset() % 64).isZero();
      }
    }
  }

  @Test
  void runsBeginWithTheirDirectoriesInTheOrderOfPieces() throws IOException {
    StreamSchema schema = Schemas.packed(8, false);
    BundleSpec spec = BundleSpec.of(schema, 3, 4);
    BundleResult result;
    try (BundleWriter writer =
        BundleWriter.create(fixture.store, fixture.key, spec, fixture.allocator)) {
      for (int step = 0; step < 2; step++) {
        for (int slot = 0; slot < 3; slot++) {
          try (VectorSchemaRoot rows = PackedRows.rows(fixture.allocator, schema, 8, 2, step)) {
            writer.add(step, slot, rows, 5);
          }
        }
      }
      assertThat(writer.bufferedBytes()).isPositive();
      result = writer.finish();
    }
    BundleDescriptor bundle = result.descriptor();
    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(fixture.file())).order(ByteOrder.LITTLE_ENDIAN);
    for (int piece = 0; piece < 4; piece++) {
      for (int slot = 0; slot < 3; slot++) {
        int run = bundle.run(piece, slot);
        long start = bundle.runs().start(run);
        long length = bundle.runs().start(run + 1) - start;
        ByteBuffer bytes = file.slice((int) start, (int) length);
        RunDirectory directory = RunDirectory.decode(bytes, bundle, piece, slot, length);
        assertThat(directory.cells()).isEqualTo(2);
        assertThat(directory.rows(0)).isEqualTo(2);
        assertThat(directory.tokens(1)).isEqualTo(5);
      }
    }
    assertThat(result.steps()).hasSize(2);
    assertThat(result.steps().get(0).rows()).isEqualTo(6);
    assertThat(result.steps().get(0).tokens()).isEqualTo(15);
  }

  @Test
  void digestsAreTheSameHoweverCellsAreSpreadOverBundles() throws IOException {
    BundleResult together = fixture.write(NUMBERS, 1, 2, 1);
    assertThat(
            StepDigest.of(
                together.steps().get(0).slots().stream()
                    .map(BundleResult.SlotSummary::digest)
                    .toList()))
        .isEqualTo(together.steps().get(0).digest());
    try (BundleFixture other = new BundleFixture(directory.resolve("other"))) {
      BundleSpec spec = BundleSpec.streamed(NUMBERS, 2);
      try (BundleWriter writer =
          BundleWriter.create(other.store, other.key, spec, other.allocator)) {
        for (int slot = 0; slot < 2; slot++) {
          try (VectorSchemaRoot rows = fixture.rows(NUMBERS, 0, slot)) {
            writer.add(0, slot, rows, 10L * slot);
          }
        }
        assertThat(writer.bufferedBytes()).isZero();
        assertThat(writer.finish().steps()).isEqualTo(together.steps());
      }
    }
  }

  @Test
  void slicedVectorsAreRebased() throws IOException {
    List<Field> columns = Schemas.everyType();
    try (VectorSchemaRoot rows = new RandomRows(3, fixture.allocator).rows(columns, 40);
        VectorSchemaRoot part = rows.slice(13, 20);
        EncodedCell cell = new CellEncoder(columns, fixture.allocator).encode(part);
        CellDecoder decoder = new CellDecoder(columns, fixture.allocator)) {
      try (VectorSchemaRoot decoded = CellBytes.decode(decoder, cell, fixture.allocator)) {
        assertThat(Rows.of(decoded)).isEqualTo(Rows.of(rows, 13, 33));
      }
    }
  }

  @Test
  void offsetsThatDoNotBeginAtZeroAreMoved() {
    List<Field> columns = Schemas.everyType();
    try (VectorSchemaRoot rows = new RandomRows(4, fixture.allocator).rows(columns, 30);
        VectorSchemaRoot shifted = ShiftedRows.tail(rows, 11, fixture.allocator);
        EncodedCell cell = new CellEncoder(columns, fixture.allocator).encode(shifted);
        CellDecoder decoder = new CellDecoder(columns, fixture.allocator);
        VectorSchemaRoot decoded = CellBytes.decode(decoder, cell, fixture.allocator)) {
      assertThat(Rows.of(decoded)).isEqualTo(Rows.of(shifted));
    }
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    BundleSpec spec = BundleSpec.of(NUMBERS, 3, 1);
    try (BundleWriter writer =
        BundleWriter.create(fixture.store, fixture.key, spec, fixture.allocator)) {
      try (VectorSchemaRoot rows = fixture.rows(NUMBERS, 0, 1)) {
        writer.add(1, 1, rows, 0);
        assertThatThrownBy(() -> writer.add(1, 1, rows, 0))
            .isInstanceOf(InvalidRequestException.class)
            .hasMessageContaining("slot 1 of step 1");
      }
      assertThatThrownBy(writer::finish)
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("step 0 slot 0")
          .hasMessageContaining("step 1 slot 2");
    }
    assertThat(fixture.file()).doesNotExist();
  }

  @Test
  void anUnfinishedBundleLeavesNothing() throws IOException {
    BundleSpec spec = BundleSpec.streamed(NUMBERS, 3);
    try (BundleWriter writer =
        BundleWriter.create(fixture.store, fixture.key, spec, fixture.allocator)) {
      try (VectorSchemaRoot rows = fixture.rows(NUMBERS, 0, 1)) {
        writer.add(0, 0, rows, 0);
        assertThatThrownBy(() -> writer.add(0, 2, rows, 0))
            .isInstanceOf(InvalidRequestException.class)
            .hasMessageContaining("slot 1 is next");
      }
    }
    try (var files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void anUnfinishedParquetBundleLeavesNothing() throws IOException {
    ObjectKey key = StreamKeys.bundle("tests", 1, UUID.randomUUID(), "parquet");
    for (BundleSpec spec : List.of(BundleSpec.streamed(NUMBERS, 3), BundleSpec.of(NUMBERS, 3, 1))) {
      try (BundleWriter writer =
              BundleWriter.create(
                  fixture.store, key, spec.as(BundleFormat.PARQUET), fixture.allocator);
          VectorSchemaRoot rows = fixture.rows(NUMBERS, 0, 1)) {
        writer.add(0, 0, rows, 0);
      }
    }
    try (var files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void aKeySaysTheFormat() {
    BundleSpec parquet = BundleSpec.of(NUMBERS, 3, 1).as(BundleFormat.PARQUET);
    assertThatThrownBy(
            () -> BundleWriter.create(fixture.store, fixture.key, parquet, fixture.allocator))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("parquet")
        .hasMessageContaining(fixture.key.value());
  }

  @Test
  void whatCannotBeCutIntoPiecesIsNamedAndNothingIsHeld() throws IOException {
    StreamSchema schema = Schemas.packed(12, true);
    BundleSpec spec = BundleSpec.of(schema, 1, 4);
    List<List<Integer>> documents = List.of(List.of(0, 8, 12), List.of(0, 2, 12));
    try (BundleWriter writer =
            BundleWriter.create(fixture.store, fixture.key, spec, fixture.allocator);
        VectorSchemaRoot rows = PackedRows.rows(fixture.allocator, schema, documents, 0)) {
      assertThatThrownBy(() -> writer.add(0, 0, rows, 0))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("step 0, slot 0")
          .hasMessageContaining("column 'tokens', row 1: document 0 has 2 values");
      assertThat(writer.bufferedBytes()).isZero();
    }
    assertThatThrownBy(
            () ->
                BundleWriter.create(
                    fixture.store, fixture.key, BundleSpec.of(schema, 1, 5), fixture.allocator))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("'positions'");
  }

  @Test
  void cellsOutliveTheVectorsThatTheyWereMadeOf() throws IOException {
    BundleSpec spec = BundleSpec.of(NUMBERS, 1, 1);
    try (BundleWriter writer =
        BundleWriter.create(fixture.store, fixture.key, spec, fixture.allocator)) {
      try (VectorSchemaRoot rows = new RandomRows(9, fixture.allocator).rows(NUMBERS.fields(), 5)) {
        writer.add(0, 0, rows, 0);
        rows.clear();
        rows.allocateNew();
      }
      writer.finish();
    }
    try (FileChannel file = FileChannel.open(fixture.file());
        ArrowFileReader reader = new ArrowFileReader(file, fixture.allocator);
        VectorSchemaRoot rows = new RandomRows(9, fixture.allocator).rows(NUMBERS.fields(), 5)) {
      assertThat(reader.loadNextBatch()).isTrue();
      assertThat(Rows.of(reader.getVectorSchemaRoot())).isEqualTo(Rows.of(rows));
    }
  }

  @Test
  void nullsInAColumnThatIsNotNullableAreRefused() {
    List<Field> nullable = List.of(Field.nullable("n", Simple.INT32));
    try (VectorSchemaRoot rows = new RandomRows(1, fixture.allocator).rows(nullable, 50)) {
      CellEncoder encoder = new CellEncoder(NUMBERS.fields(), fixture.allocator);
      assertThatThrownBy(() -> encoder.encode(rows))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("column 'n'")
          .hasMessageContaining("nulls");
    }
  }

  @Test
  void resultsTravelBetweenProcesses() throws IOException, ClassNotFoundException {
    BundleResult result = fixture.write(NUMBERS, 2, 3, 1);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(result);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(result);
    }
  }
}
