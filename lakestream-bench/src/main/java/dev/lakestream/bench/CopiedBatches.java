// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.schema.Field;
import dev.lakestream.spark.vector.CellBuilder;
import dev.lakestream.spark.vector.SparkSchemas;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** Rows converted as a stream does it, in blocks of memory. */
final class CopiedBatches implements RowBatches {
  private final CellBuilder cells;
  private final VectorSchemaRoot root;
  private final VectorLoader loader;
  private final org.apache.arrow.vector.ipc.ArrowFileWriter file;

  CopiedBatches(StructType schema, WritableByteChannel out, BufferAllocator allocator)
      throws IOException {
    List<Field> columns = SparkSchemas.fields(schema, Map.of(), Set.of());
    this.cells = new CellBuilder(columns, IntStream.range(0, columns.size()).toArray(), allocator);
    this.root =
        VectorSchemaRoot.create(
            new Schema(columns.stream().map(ArrowSchemas::toArrow).toList()), allocator);
    this.loader = new VectorLoader(root);
    this.file = new org.apache.arrow.vector.ipc.ArrowFileWriter(root, null, out);
    file.start();
  }

  @Override
  public void append(InternalRow row) {
    cells.append(row);
  }

  @Override
  public int rows() {
    return cells.rows();
  }

  @Override
  public void write() throws IOException {
    try (VectorSchemaRoot cell = cells.finish();
        ArrowRecordBatch batch = new VectorUnloader(cell).getRecordBatch()) {
      loader.load(batch);
    }
    file.writeBatch();
    root.clear();
  }

  @Override
  public void end() throws IOException {
    file.end();
  }

  @Override
  public void close() {
    cells.close();
    root.close();
  }
}
