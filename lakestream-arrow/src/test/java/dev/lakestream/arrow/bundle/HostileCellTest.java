// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lakestream.arrow.RandomRows;
import dev.lakestream.arrow.Rows;
import dev.lakestream.arrow.Schemas;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.schema.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Cells whose checksum would fit, since whoever wrote them meant it. */
class HostileCellTest {
  private static final int MUTATIONS = 20_000;

  private final BufferAllocator allocator = new RootAllocator(64 << 20);

  @AfterEach
  void nothingLeaks() {
    allocator.close();
  }

  private interface Change {
    void apply(HandMadeCell cell);
  }

  private void refuses(Change change, String message) {
    HandMadeCell cell = new HandMadeCell();
    change.apply(cell);
    try (CellDecoder decoder = new CellDecoder(HandMadeCell.COLUMNS, allocator)) {
      assertThatThrownBy(() -> CellBytes.decode(decoder, cell.build(), 2, allocator).close())
          .isInstanceOf(CorruptObjectException.class)
          .hasMessageContaining(CellBytes.PLACE.key().value())
          .hasMessageContaining(message);
    }
  }

  @Test
  void theCellIsSoundBeforeItIsChanged() {
    try (CellDecoder decoder = new CellDecoder(HandMadeCell.COLUMNS, allocator);
        VectorSchemaRoot rows =
            CellBytes.decode(decoder, new HandMadeCell().build(), 2, allocator)) {
      assertThat(Rows.of(rows)).hasToString("[[[1, 2]], [[3]]]");
    }
  }

  @Test
  void buffersOutsideOfTheBodyAreRefused() {
    refuses(cell -> cell.buffers[6] = 128, "buffer 3 at 128 of 12 bytes in a body of 128");
    refuses(cell -> cell.buffers[6] = -64, "buffer 3 at -64");
    refuses(cell -> cell.buffers[6] = Long.MAX_VALUE & -64, "buffer 3 at");
    refuses(cell -> cell.buffers[7] = -1, "buffer 3 at 64 of -1 bytes");
    refuses(cell -> cell.buffers[7] = Long.MAX_VALUE, "buffer 3 at 64");
    refuses(cell -> cell.buffers[6] = 8, "buffer 3 at 8");
    refuses(cell -> cell.bodyLength = 192, "body of 192 bytes exceeds");
    refuses(cell -> cell.bodyLength = -1, "body of -1 bytes");
  }

  @Test
  void countsThatDoNotFitAreRefused() {
    refuses(cell -> cell.rows = 3, "3 rows");
    refuses(cell -> cell.rows = -1, "-1 rows");
    refuses(cell -> cell.nodes[0] = 3, "'l': it has 3 values, 2 are wanted");
    refuses(cell -> cell.nodes[0] = Long.MIN_VALUE, "node 0 has");
    refuses(cell -> cell.nodes[1] = 3, "node 0 has 3 nulls in 2 values");
    refuses(cell -> cell.nodes[1] = -1, "node 0 has -1 nulls");
    refuses(cell -> cell.nodes[1] = 1, "'l': its validity buffer has 0 bytes");
    refuses(cell -> cell.nodes[2] = 1L << 40, "node 1 has");
    refuses(cell -> cell.nodes[2] = 4, "'l.item': its values buffer has 12 bytes");
    refuses(cell -> cell.nodes[2] = Integer.MAX_VALUE, "'l.item': its values buffer has 12 bytes");
    refuses(cell -> cell.nodes[3] = 1, "'l.item': its validity buffer has 0 bytes");
    refuses(cell -> cell.nodes = new long[] {2, 0}, "1 nodes and 4 buffers");
    refuses(cell -> cell.nodes = new long[2 * 5000], "5000 nodes");
    refuses(cell -> cell.buffers = new long[] {0, 0, 0, 12}, "2 nodes and 2 buffers");
    refuses(cell -> cell.buffers[3] = 8, "its offsets buffer has 8 bytes");
  }

  @Test
  void offsetsOutsideOfTheirValuesAreRefused() {
    refuses(cell -> cell.offsets[2] = 4, "offsets end at 4 of 3 values");
    refuses(cell -> cell.offsets[1] = 3_000_000, "its offset 2 is 3");
    refuses(cell -> cell.offsets[1] = -1, "its offset 1 is -1");
    refuses(cell -> cell.offsets[0] = -4, "its offset 0 is -4");
  }

  /** Its metadata are those of the sound cell, so that only its values tell. */
  @Test
  void offsetsOutsideOfTheirValuesAreRefusedAfterACellThatIsSound() {
    byte[] sound = new HandMadeCell().build();
    HandMadeCell damaged = new HandMadeCell();
    damaged.offsets[2] = 4;
    try (CellDecoder decoder = new CellDecoder(HandMadeCell.COLUMNS, allocator);
        CellWindow window = new CellWindow(decoder, allocator);
        ArrowBuf first = allocator.buffer(sound.length);
        ArrowBuf second = allocator.buffer(sound.length)) {
      first.setBytes(0, sound);
      second.setBytes(0, damaged.build());
      assertThat(window.show(first.memoryAddress(), sound.length, 2)).isTrue();
      assertThat(window.show(second.memoryAddress(), sound.length, 2)).isFalse();
      assertThat(window.refusal(CellBytes.PLACE))
          .isInstanceOf(CorruptObjectException.class)
          .hasMessageContaining("offsets end at 4 of 3 values");
      window.clear();
      assertThat(window.show(first.memoryAddress(), sound.length, 2)).isTrue();
      assertThat(Rows.of(window.root())).hasToString("[[[1, 2]], [[3]]]");
    }
  }

  /** Who closes what a window shows sees nothing any more, and the next cell all the same. */
  @Test
  void aWindowSurvivesThatItsVectorsAreClosed() {
    byte[] sound = new HandMadeCell().build();
    try (CellDecoder decoder = new CellDecoder(HandMadeCell.COLUMNS, allocator);
        CellWindow window = new CellWindow(decoder, allocator);
        ArrowBuf cell = allocator.buffer(sound.length)) {
      cell.setBytes(0, sound);
      assertThat(window.show(cell.memoryAddress(), sound.length, 2)).isTrue();
      window.root().close();
      assertThat(window.show(cell.memoryAddress(), sound.length, 2)).isTrue();
      assertThat(Rows.of(window.root())).hasToString("[[[1, 2]], [[3]]]");
    }
  }

  @Test
  void otherMessagesAreRefused() {
    refuses(cell -> cell.header = MessageHeader.Schema, "no record batch");
    try (CellDecoder decoder = new CellDecoder(HandMadeCell.COLUMNS, allocator)) {
      for (byte[] bytes : List.of(new byte[0], new byte[4], new byte[64], new byte[4096])) {
        assertThatThrownBy(() -> CellBytes.decode(decoder, bytes, 2, allocator))
            .isInstanceOf(CorruptObjectException.class);
      }
    }
  }

  /** A damaged cell is refused, or every value of it can be looked at. */
  @Test
  void noMutationEscapes() {
    List<Field> columns = Schemas.everyType();
    Random random = new Random(42);
    byte[] sound;
    try (VectorSchemaRoot rows = new RandomRows(7, allocator).rows(columns, 9);
        EncodedCell cell = new CellEncoder(columns, allocator).encode(rows)) {
      sound = CellBytes.of(cell);
    }
    int metadata = 8 + ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    int refused = 0;
    try (CellDecoder decoder = new CellDecoder(columns, allocator)) {
      for (int mutation = 0; mutation < MUTATIONS; mutation++) {
        byte[] damaged = mutate(sound, mutation % 4 == 0 ? sound.length : metadata, random);
        try (VectorSchemaRoot rows = CellBytes.decode(decoder, damaged, 9, allocator)) {
          if (mutation % 8 == 0) {
            assertThat(Rows.of(rows)).hasSize(9);
          }
        } catch (LakestreamException e) {
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(MUTATIONS / 10);
  }

  private static byte[] mutate(byte[] sound, int range, Random random) {
    byte[] damaged =
        random.nextInt(20) == 0
            ? Arrays.copyOf(sound, random.nextInt(sound.length))
            : sound.clone();
    int changes = 1 + random.nextInt(3);
    for (int change = 0; change < changes && damaged.length > 8; change++) {
      int at = random.nextInt(Math.min(range, damaged.length) - 4);
      ByteBuffer bytes = ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN);
      switch (random.nextInt(4)) {
        case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes.putInt(at, random.nextInt());
        case 2 -> bytes.putInt(at, random.nextInt(64) - 32);
        default -> bytes.putInt(at & -4, Integer.MAX_VALUE - random.nextInt(3));
      }
    }
    return damaged;
  }

  @FuzzTest
  void onlyErrorsThatNameTheObjectComeOut(byte[] bytes) {
    try (BufferAllocator limited = new RootAllocator(64 << 20);
        CellDecoder decoder = new CellDecoder(HandMadeCell.COLUMNS, limited);
        VectorSchemaRoot rows = CellBytes.decode(decoder, bytes, 2, limited)) {
      assertThat(Rows.of(rows)).hasSize(2);
    } catch (LakestreamException e) {
      assertThat(e).hasMessageContaining(CellBytes.PLACE.key().value());
    }
  }
}
