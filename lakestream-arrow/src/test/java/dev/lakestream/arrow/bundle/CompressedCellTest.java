// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.arrow.RandomRows;
import dev.lakestream.arrow.Rows;
import dev.lakestream.arrow.Schemas;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.error.UnsupportedFeatureException;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cells with compressed buffers: what they hold, and what becomes of hostile ones. */
class CompressedCellTest {
  private static final List<Field> NUMBERS = List.of(Field.required("n", Simple.INT32));
  private static final int MUTATIONS = 500;

  /** Small, so that whoever believes a claim fails. */
  private final BufferAllocator allocator = new RootAllocator(32 << 20);

  @AfterEach
  void nothingLeaks() {
    allocator.close();
  }

  @ParameterizedTest
  @EnumSource(CellCompression.class)
  void everyTypeComesBack(CellCompression compression) {
    List<Field> columns = Schemas.everyType();
    try (VectorSchemaRoot rows = new RandomRows(3, allocator).rows(columns, 200);
        EncodedCell cell = new CellEncoder(columns, compression, allocator).encode(rows);
        CellDecoder decoder = new CellDecoder(columns, allocator);
        VectorSchemaRoot decoded = CellBytes.decode(decoder, cell, allocator)) {
      assertThat(cell.length() % Alignment.BYTES).isZero();
      assertThat(Rows.of(decoded)).isEqualTo(Rows.of(rows));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = CellCompression.class,
      names = {"LZ4", "ZSTD"})
  void repeatedValuesBecomeSmallAndNoiseStays(CellCompression compression) {
    assertThat(length(compression, false)).isLessThan(length(CellCompression.NONE, false) / 10);
    assertThat(length(compression, true)).isLessThan(length(CellCompression.NONE, true) + 512);
  }

  @Test
  void onlyWantedColumnsAreExpanded() {
    List<Field> columns = Schemas.everyType();
    try (VectorSchemaRoot rows = new RandomRows(3, allocator).rows(columns, 50);
        EncodedCell cell = new CellEncoder(columns, CellCompression.ZSTD, allocator).encode(rows);
        CellDecoder decoder = new CellDecoder(columns, Set.of("r1"), allocator);
        VectorSchemaRoot decoded = CellBytes.decode(decoder, cell, allocator)) {
      assertThat(decoded.getFieldVectors()).hasSize(1);
      assertThat(decoded.getVector("r1").getObject(49))
          .isEqualTo(rows.getVector("r1").getObject(49));
    }
  }

  /** The first buffer that is compressed says that it is longer, or shorter, than it is. */
  @ParameterizedTest
  @EnumSource(
      value = CellCompression.class,
      names = {"LZ4", "ZSTD"})
  void aBufferThatClaimsAnotherLengthIsRefused(CellCompression compression) {
    for (long claim : new long[] {Long.MAX_VALUE, 1L << 40, 4_000_064, 3_999_936, 4, 0, -2}) {
      byte[] cell = numbers(compression, 1_000_000);
      ByteBuffer.wrap(cell).order(ByteOrder.LITTLE_ENDIAN).putLong(firstBuffer(cell), claim);
      try (CellDecoder decoder = new CellDecoder(NUMBERS, allocator)) {
        assertThatThrownBy(() -> CellBytes.decode(decoder, cell, 1_000_000, allocator))
            .as("claim %s", claim)
            .isInstanceOf(CorruptObjectException.class)
            .hasMessageContaining(CellBytes.PLACE.key().value());
      }
    }
  }

  /** A cell of some bytes whose values, if one believed it, would be 8 GB. */
  @Test
  void aBombIsRefusedBeforeMemoryIsTaken() {
    List<Field> wide =
        List.of(
            Field.required(
                "l", new ColumnType.FixedSizeList(Field.required("item", Simple.INT64), 1 << 30)));
    HandMadeCell hand = new HandMadeCell();
    hand.compression = CellCompression.ZSTD.codec();
    hand.rows = 1;
    hand.nodes = new long[] {1, 0, 1 << 30, 0};
    hand.buffers = new long[] {0, 0, 0, 0, 64, 16};
    byte[] cell = hand.build();
    int body = cell.length - 128;
    ByteBuffer.wrap(cell).order(ByteOrder.LITTLE_ENDIAN).putLong(body + 64, 8L << 30);
    try (CellDecoder decoder = new CellDecoder(wide, allocator)) {
      assertThatThrownBy(() -> CellBytes.decode(decoder, cell, 1, allocator))
          .isInstanceOf(CorruptObjectException.class)
          .hasMessageContaining("at most");
    }
  }

  @Test
  void anUnknownCodecIsNotDamageButUnsupported() {
    HandMadeCell cell = new HandMadeCell();
    cell.compression = 7;
    try (CellDecoder decoder = new CellDecoder(HandMadeCell.COLUMNS, allocator)) {
      assertThatThrownBy(() -> CellBytes.decode(decoder, cell.build(), 2, allocator))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining("codec 7");
    }
  }

  /** A damaged cell is refused, or every value of it can be looked at; nothing leaks either way. */
  @ParameterizedTest
  @EnumSource(
      value = CellCompression.class,
      names = {"LZ4", "ZSTD"})
  void noMutationEscapes(CellCompression compression) {
    List<Field> columns = Schemas.everyType();
    Random random = new Random(11);
    byte[] sound;
    try (VectorSchemaRoot rows = new RandomRows(7, allocator).rows(columns, 300);
        EncodedCell cell = new CellEncoder(columns, compression, allocator).encode(rows)) {
      sound = CellBytes.of(cell);
    }
    int refused = 0;
    try (CellDecoder decoder = new CellDecoder(columns, allocator)) {
      for (int mutation = 0; mutation < MUTATIONS; mutation++) {
        byte[] damaged = sound.clone();
        int at = random.nextInt(sound.length);
        damaged[at] ^= (byte) (1 + random.nextInt(255));
        try (VectorSchemaRoot rows = CellBytes.decode(decoder, damaged, 300, allocator)) {
          if (mutation % 50 == 0) {
            assertThat(Rows.of(rows)).hasSize(300);
          }
        } catch (LakestreamException e) {
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(MUTATIONS / 20);
  }

  private long length(CellCompression compression, boolean noise) {
    Random random = new Random(5);
    try (IntVector vector = new IntVector("n", allocator)) {
      vector.allocateNew(10_000);
      for (int row = 0; row < 10_000; row++) {
        vector.set(row, noise ? random.nextInt() : row / 100);
      }
      vector.setValueCount(10_000);
      try (EncodedCell cell =
          new CellEncoder(NUMBERS, compression, allocator).encode(List.of(vector), 10_000)) {
        return cell.length();
      }
    }
  }

  private byte[] numbers(CellCompression compression, int count) {
    try (IntVector vector = new IntVector("n", allocator)) {
      vector.allocateNew(count);
      for (int row = 0; row < count; row++) {
        vector.set(row, row % 8);
      }
      vector.setValueCount(count);
      try (EncodedCell cell =
          new CellEncoder(NUMBERS, compression, allocator).encode(List.of(vector), count)) {
        return CellBytes.of(cell);
      }
    }
  }

  /** Where the first buffer of the body that has bytes begins. */
  private static int firstBuffer(byte[] cell) {
    ByteBuffer bytes = ByteBuffer.wrap(cell).order(ByteOrder.LITTLE_ENDIAN);
    int body = 8 + bytes.getInt(4);
    Message message =
        Message.getRootAsMessage(bytes.slice(8, body - 8).order(ByteOrder.LITTLE_ENDIAN));
    RecordBatch batch = (RecordBatch) message.header(new RecordBatch());
    int index = 0;
    while (batch.buffers(index).length() == 0) {
      index++;
    }
    return body + (int) batch.buffers(index).offset();
  }
}
