// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/** Rows on their way from a task to the driver, as an Arrow IPC stream. */
final class IpcRows {
  private IpcRows() {}

  static byte[] encode(VectorSchemaRoot rows) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ArrowStreamWriter writer = new ArrowStreamWriter(rows, null, bytes)) {
      writer.writeBatch();
    }
    return bytes.toByteArray();
  }

  /** Somebody who takes rows. */
  interface Sink {
    void take(VectorSchemaRoot rows) throws IOException;
  }

  /** Hands the rows on; they are gone when the sink returns. */
  static void decode(byte[] bytes, BufferAllocator allocator, Sink sink) throws IOException {
    try (ArrowStreamReader reader =
        new ArrowStreamReader(new ByteArrayInputStream(bytes), allocator)) {
      while (reader.loadNextBatch()) {
        sink.take(reader.getVectorSchemaRoot());
      }
    }
  }
}
