// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.format.StreamKeys;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Cells as bytes, to look at them and to damage them. */
final class CellBytes {
  static final CellPlace PLACE =
      new CellPlace(
          StreamKeys.bundle("tests", 1, UUID.fromString("3f0a1b2c-0000-4000-8000-000000000000")),
          0,
          0,
          0);

  private CellBytes() {}

  static byte[] of(EncodedCell cell) {
    ByteBuffer all = ByteBuffer.allocate((int) cell.length());
    cell.buffers().forEach(all::put);
    return all.array();
  }

  static VectorSchemaRoot decode(CellDecoder decoder, EncodedCell cell, BufferAllocator allocator) {
    return decode(decoder, of(cell), (int) cell.rows(), allocator);
  }

  /**
   * Decodes bytes that need not be a cell. A window has to show the same of them, or to refuse them
   * for the same reason.
   */
  static VectorSchemaRoot decode(
      CellDecoder decoder, byte[] cell, int rows, BufferAllocator allocator) {
    try (ArrowBuf whole = allocator.buffer(Math.max(1, cell.length))) {
      whole.setBytes(0, cell);
      VectorSchemaRoot decoded;
      try {
        decoded = decoder.decode(whole.slice(0, cell.length), rows, PLACE);
      } catch (RuntimeException refusal) {
        assertWindowRefuses(decoder, whole, cell.length, rows, refusal);
        throw refusal;
      }
      assertWindowShows(decoder, whole, cell.length, decoded);
      return decoded;
    }
  }

  private static void assertWindowRefuses(
      CellDecoder decoder, ArrowBuf cell, long length, int rows, RuntimeException refusal) {
    try (BufferAllocator own = new RootAllocator();
        CellWindow window = new CellWindow(decoder, own)) {
      assertThat(window.show(cell.memoryAddress(), length, rows)).isFalse();
      assertThat(window.refusal(PLACE)).hasSameClassAs(refusal).hasMessage(refusal.getMessage());
    }
  }

  private static void assertWindowShows(
      CellDecoder decoder, ArrowBuf cell, long length, VectorSchemaRoot decoded) {
    try (BufferAllocator own = new RootAllocator();
        CellWindow window = new CellWindow(decoder, own)) {
      // Once it is parsed, and once it has the metadata of the cell before.
      for (int time = 0; time < 2; time++) {
        assertThat(window.show(cell.memoryAddress(), length, decoded.getRowCount())).isTrue();
        assertThat(window.root().getSchema()).isEqualTo(decoded.getSchema());
        assertThat(window.root().getRowCount()).isEqualTo(decoded.getRowCount());
        assertThat(window.root().equals(decoded)).as("the same values").isTrue();
      }
    }
  }
}
