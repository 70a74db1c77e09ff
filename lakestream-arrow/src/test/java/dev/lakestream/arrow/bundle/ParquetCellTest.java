// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.arrow.RandomRows;
import dev.lakestream.arrow.Rows;
import dev.lakestream.arrow.parquet.ParquetCellDecoder;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.RunLayout;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.IntervalUnit;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cells that are Parquet files: what they hold, and what becomes of damaged ones. */
class ParquetCellTest {
  private static final int MUTATIONS = 300;

  /** Small, so that whoever believes a claim fails. */
  private final BufferAllocator allocator = new RootAllocator(64 << 20);

  @AfterEach
  void nothingLeaks() {
    allocator.close();
  }

  @ParameterizedTest
  @EnumSource(CellCompression.class)
  void everyTypeComesBack(CellCompression compression) {
    List<Field> columns = ParquetColumnsOfTests.everyType();
    for (int count : new int[] {0, 1, 7, 600}) {
      try (VectorSchemaRoot rows = new RandomRows(count, allocator).rows(columns, count);
          EncodedCell cell = encode(columns, compression, rows);
          VectorSchemaRoot decoded = decode(columns, CellBytes.of(cell), count)) {
        assertThat(cell.length() % Alignment.BYTES).isZero();
        assertThat(decoded.getSchema().getFields())
            .isEqualTo(
                columns.stream().map(dev.lakestream.arrow.schema.ArrowSchemas::toArrow).toList());
        assertThat(Rows.of(decoded)).isEqualTo(Rows.of(rows));
      }
    }
  }

  /** Long lists make a chunk of many pages. */
  @Test
  void aColumnOfManyPagesComesBack() {
    List<Field> columns =
        List.of(
            Field.required(
                "tokens",
                new ColumnType.FixedSizeList(Field.required("item", Simple.INT32), 2_048)),
            Field.nullable("text", Simple.UTF8));
    try (VectorSchemaRoot rows = new RandomRows(1, allocator).rows(columns, 1_000);
        EncodedCell cell = encode(columns, CellCompression.NONE, rows);
        VectorSchemaRoot decoded = decode(columns, CellBytes.of(cell), 1_000)) {
      assertThat(cell.length()).isGreaterThan(1L << 20);
      assertThat(Rows.of(decoded)).isEqualTo(Rows.of(rows));
    }
  }

  @Test
  void onlyWantedColumnsAreDecoded() {
    List<Field> columns = ParquetColumnsOfTests.everyType();
    byte[] bytes;
    List<List<Object>> expected;
    try (VectorSchemaRoot rows = new RandomRows(3, allocator).rows(columns, 50);
        EncodedCell cell = encode(columns, CellCompression.ZSTD, rows)) {
      bytes = CellBytes.of(cell);
      expected = Rows.of(rows);
    }
    String last = columns.get(columns.size() - 1).name();
    try (ArrowBuf whole = buffer(bytes);
        CellReader reader = new CellReader(columns, Set.of("r1", last), allocator);
        VectorSchemaRoot decoded = reader.read(BundleFormat.PARQUET, whole, 50, CellBytes.PLACE)) {
      assertThat(decoded.getFieldVectors())
          .extracting(v -> v.getName())
          .containsExactly("r1", last);
      int number = columns.stream().map(Field::name).toList().indexOf(last);
      assertThat(Rows.of(decoded))
          .extracting(row -> row.get(1))
          .isEqualTo(expected.stream().map(row -> row.get(number)).toList());
    }
  }

  /** All but the chunk of the last column may be damaged, if that is all that is wanted. */
  @Test
  void ofACellThatIsNotFetchedWholeWhatIsFetchedIsVerified() throws Exception {
    List<Field> columns =
        List.of(Field.nullable("text", Simple.UTF8), Field.required("n", Simple.INT64));
    try (VectorSchemaRoot rows = new RandomRows(3, allocator).rows(columns, 20_000);
        EncodedCell cell = encode(columns, CellCompression.NONE, rows);
        CellReader reader = new CellReader(columns, Set.of("n"), allocator)) {
      byte[] bytes = CellBytes.of(cell);
      RunDirectory directory = directory(cell);
      long[] fetched = new long[1];
      ParquetCellDecoder.CellSource source =
          (offset, length) -> {
            fetched[0] += length;
            return buffer(
                java.util.Arrays.copyOfRange(bytes, (int) offset, (int) (offset + length)));
          };
      bytes[1_000] ^= 1;
      try (VectorSchemaRoot found = reader.readColumns(directory, 0, source, CellBytes.PLACE)) {
        assertThat(Rows.of(found))
            .extracting(row -> row.get(0))
            .isEqualTo(Rows.of(rows).stream().map(row -> row.get(1)).toList());
      }
      assertThat(fetched[0]).isBetween(160_000L, 170_000L).isLessThan(bytes.length - 50_000);
      for (int at : new int[] {bytes.length - 1, bytes.length - 50, bytes.length - 10_000}) {
        bytes[at] ^= 1;
        assertThatThrownBy(() -> reader.readColumns(directory, 0, source, CellBytes.PLACE))
            .isInstanceOf(CorruptObjectException.class)
            .hasMessageContaining(CellBytes.PLACE.key().value());
        bytes[at] ^= 1;
      }
    }
  }

  /** That of a run of one cell. */
  private static RunDirectory directory(EncodedCell cell) {
    BundleDescriptor bundle =
        new BundleDescriptor(
            CellBytes.PLACE.key(),
            1 << 30,
            BundleFormat.PARQUET,
            0,
            1,
            1,
            1,
            RunLayout.of(new long[] {64, 128 + cell.length()}));
    byte[][] entries = {RunDirectory.encodeEntry(cell, 0)};
    ByteBuffer run =
        RunDirectory.encode(StreamKeys.uuid(bundle.key()).orElseThrow(), 0, 0, entries);
    return RunDirectory.decode(run, bundle, 0, 0, 64 + cell.length());
  }

  @Test
  void whatParquetHasNoTypeForIsRefusedByName() {
    List<ColumnType> types =
        List.of(
            new ColumnType.Interval(IntervalUnit.DAY_TIME),
            new ColumnType.Interval(IntervalUnit.MONTH_DAY_NANO),
            new ColumnType.Struct(List.of()));
    for (ColumnType type : types) {
      List<Field> columns =
          List.of(Field.nullable("outer", new ColumnType.ListOf(Field.nullable("inner", type))));
      assertThatThrownBy(
              () -> CellEncoding.of(BundleFormat.PARQUET, columns, CellCompression.NONE, allocator))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("outer.inner")
          .hasMessageContaining("Parquet");
    }
  }

  @Test
  void aFooterOfOtherRowsIsRefused() {
    List<Field> columns = List.of(Field.required("n", Simple.INT64));
    byte[] cell = cell(columns, CellCompression.NONE, 10);
    assertThatThrownBy(() -> decode(columns, cell, 11))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("its footer says 10 rows in 1 row groups, the directory 11 rows");
    assertThatThrownBy(() -> decode(columns, cell, 0)).isInstanceOf(CorruptObjectException.class);
  }

  @Test
  void aFooterOfAnotherSchemaIsRefused() {
    byte[] cell = cell(List.of(Field.required("n", Simple.INT64)), CellCompression.NONE, 10);
    assertThatThrownBy(() -> decode(List.of(Field.required("m", Simple.INT64)), cell, 10))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("another schema");
    assertThatThrownBy(() -> decode(List.of(Field.required("n", Simple.FLOAT64)), cell, 10))
        .hasMessageContaining("another schema");
  }

  @Test
  void aTruncatedCellIsRefused() {
    List<Field> columns = ParquetColumnsOfTests.everyType();
    byte[] cell = cell(columns, CellCompression.NONE, 20);
    for (int length = 0; length < cell.length; length += 64) {
      byte[] truncated = java.util.Arrays.copyOf(cell, length);
      assertThatThrownBy(() -> decode(columns, truncated, 20))
          .as("of %s bytes", length)
          .isInstanceOf(CorruptObjectException.class)
          .hasMessageContaining(CellBytes.PLACE.key().value());
    }
    ByteBuffer.wrap(cell).order(ByteOrder.LITTLE_ENDIAN).putInt(cell.length - 8, -1);
    assertThatThrownBy(() -> decode(columns, cell, 20)).hasMessageContaining("4294967295");
  }

  /** A damaged cell is refused, or every value of it can be looked at; nothing leaks either way. */
  @ParameterizedTest
  @EnumSource(CellCompression.class)
  void noMutationEscapes(CellCompression compression) {
    List<Field> columns = ParquetColumnsOfTests.everyType();
    byte[] sound = cell(columns, compression, 300);
    Random random = new Random(11);
    int refused = 0;
    for (int mutation = 0; mutation < MUTATIONS; mutation++) {
      byte[] damaged = sound.clone();
      int changes = 1 + random.nextInt(3);
      for (int change = 0; change < changes; change++) {
        damaged[random.nextInt(sound.length)] = (byte) random.nextInt(256);
      }
      try (VectorSchemaRoot rows = decode(columns, damaged, 300)) {
        assertThat(rows.getRowCount()).isEqualTo(300);
        if (mutation % 20 == 0) {
          assertThat(Rows.of(rows)).hasSize(300);
        }
      } catch (CorruptObjectException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(MUTATIONS / 20);
  }

  private byte[] cell(List<Field> columns, CellCompression compression, int count) {
    try (VectorSchemaRoot rows = new RandomRows(7, allocator).rows(columns, count);
        EncodedCell cell = encode(columns, compression, rows)) {
      return CellBytes.of(cell);
    }
  }

  private EncodedCell encode(
      List<Field> columns, CellCompression compression, VectorSchemaRoot rows) {
    return CellEncoding.of(BundleFormat.PARQUET, columns, compression, allocator)
        .encode(rows.getFieldVectors(), rows.getRowCount());
  }

  private VectorSchemaRoot decode(List<Field> columns, byte[] cell, int rows) {
    Set<String> all = columns.stream().map(Field::name).collect(Collectors.toSet());
    try (ArrowBuf whole = buffer(cell);
        CellReader reader = new CellReader(columns, all, allocator)) {
      return reader.read(BundleFormat.PARQUET, whole.slice(0, cell.length), rows, CellBytes.PLACE);
    }
  }

  private ArrowBuf buffer(byte[] bytes) {
    ArrowBuf buffer = allocator.buffer(Math.max(1, bytes.length));
    buffer.setBytes(0, bytes);
    return bytes.length == 0 ? buffer : buffer.slice(0, bytes.length);
  }
}
