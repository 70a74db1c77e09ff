// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.format.StreamKeys;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
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

  /** Decodes bytes that need not be a cell. */
  static VectorSchemaRoot decode(
      CellDecoder decoder, byte[] cell, int rows, BufferAllocator allocator) {
    try (ArrowBuf whole = allocator.buffer(Math.max(1, cell.length))) {
      whole.setBytes(0, cell);
      return decoder.decode(whole.slice(0, cell.length), rows, PLACE);
    }
  }
}
