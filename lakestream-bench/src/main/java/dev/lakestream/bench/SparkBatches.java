// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.arrow.ArrowWriter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;

/** Rows converted by Spark's own writer, value by value. */
final class SparkBatches implements RowBatches {
  private final VectorSchemaRoot root;
  private final ArrowWriter writer;
  private final org.apache.arrow.vector.ipc.ArrowFileWriter file;
  private int rows;

  SparkBatches(StructType schema, WritableByteChannel out, BufferAllocator allocator)
      throws IOException {
    this.root =
        VectorSchemaRoot.create(ArrowUtils.toArrowSchema(schema, "UTC", true, false), allocator);
    this.writer = ArrowWriter.create(root);
    this.file = new org.apache.arrow.vector.ipc.ArrowFileWriter(root, null, out);
    file.start();
  }

  @Override
  public void append(InternalRow row) {
    writer.write(row);
    rows++;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public void write() throws IOException {
    writer.finish();
    file.writeBatch();
    writer.reset();
    rows = 0;
  }

  @Override
  public void end() throws IOException {
    file.end();
  }

  @Override
  public void close() {
    root.close();
  }
}
