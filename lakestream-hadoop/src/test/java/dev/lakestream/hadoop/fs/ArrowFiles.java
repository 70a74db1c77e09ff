// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.util.ByteArrayReadableSeekableByteChannel;

/** Arrow files and streams as Arrow's own readers and writers have them. */
final class ArrowFiles {
  private static final int MAGIC_BYTES = 8;

  private ArrowFiles() {}

  /** The rows of a file, by its footer. */
  static List<List<Object>> rows(byte[] file, BufferAllocator allocator) throws IOException {
    try (ArrowFileReader reader =
        new ArrowFileReader(new ByteArrayReadableSeekableByteChannel(file), allocator)) {
      return rows(reader);
    }
  }

  /** The rows of a file, read as the stream that follows its magic. */
  static List<List<Object>> rowsOfStream(byte[] file, BufferAllocator allocator)
      throws IOException {
    ByteArrayInputStream stream =
        new ByteArrayInputStream(file, MAGIC_BYTES, file.length - MAGIC_BYTES);
    try (ArrowStreamReader reader = new ArrowStreamReader(stream, allocator)) {
      return rows(reader);
    }
  }

  private static List<List<Object>> rows(ArrowReader reader) throws IOException {
    List<List<Object>> rows = new ArrayList<>();
    while (reader.loadNextBatch()) {
      VectorSchemaRoot batch = reader.getVectorSchemaRoot();
      for (int row = 0; row < batch.getRowCount(); row++) {
        List<Object> values = new ArrayList<>();
        for (FieldVector vector : batch.getFieldVectors()) {
          Object value = vector.getObject(row);
          values.add(value instanceof List<?> list ? new ArrayList<>(list) : String.valueOf(value));
        }
        rows.add(values);
      }
    }
    return rows;
  }

  /** Batches as an Arrow file; all of them have the columns of the first. */
  static byte[] file(VectorSchemaRoot... batches) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    VectorSchemaRoot first = batches[0];
    try (ArrowFileWriter writer =
        new ArrowFileWriter(first, null, java.nio.channels.Channels.newChannel(out))) {
      writer.start();
      for (VectorSchemaRoot batch : batches) {
        share(batch, first);
        writer.writeBatch();
      }
      writer.end();
    }
    return out.toByteArray();
  }

  /** Rows as an Arrow stream. */
  static byte[] stream(VectorSchemaRoot rows) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ArrowStreamWriter writer = new ArrowStreamWriter(rows, null, out)) {
      writer.start();
      writer.writeBatch();
      writer.end();
    }
    return out.toByteArray();
  }

  private static void share(VectorSchemaRoot source, VectorSchemaRoot target) {
    if (source != target) {
      try (var batch = new org.apache.arrow.vector.VectorUnloader(source).getRecordBatch()) {
        new org.apache.arrow.vector.VectorLoader(target).load(batch);
      }
    }
  }
}
