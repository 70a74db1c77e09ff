// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/** Rows on their way from a task to the driver, as an Arrow IPC stream. */
final class IpcRows implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final IpcRows NONE = new IpcRows(new byte[0]);

  private final byte[] stream;

  private IpcRows(byte[] stream) {
    this.stream = stream;
  }

  static IpcRows none() {
    return NONE;
  }

  /** A copy of these rows, which stay the caller's. */
  static IpcRows of(VectorSchemaRoot rows) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ArrowStreamWriter writer = new ArrowStreamWriter(rows, null, bytes)) {
      writer.writeBatch();
    }
    return new IpcRows(bytes.toByteArray());
  }

  /** Somebody who takes rows. */
  interface Sink {
    void take(VectorSchemaRoot rows) throws IOException;
  }

  /** Hands the rows on; they are gone when the sink returns. */
  void giveTo(Sink sink, BufferAllocator allocator) throws IOException {
    if (stream.length == 0) {
      return;
    }
    try (ArrowStreamReader reader =
        new ArrowStreamReader(new ByteArrayInputStream(stream), allocator)) {
      while (reader.loadNextBatch()) {
        sink.take(reader.getVectorSchemaRoot());
      }
    }
  }
}
