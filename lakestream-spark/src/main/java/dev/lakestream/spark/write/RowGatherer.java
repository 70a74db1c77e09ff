// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.schema.StreamSchema;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.VectorSchemaRootAppender;

/** Makes a cell of rows of several others. */
final class RowGatherer implements AutoCloseable {
  private final Schema schema;
  private final BufferAllocator allocator;
  private Optional<VectorSchemaRoot> gathered = Optional.empty();

  RowGatherer(StreamSchema schema, BufferAllocator allocator) {
    this.schema = ArrowSchemas.toArrow(schema);
    this.allocator = allocator;
  }

  /** Copies rows of a cell, which stays the caller's. */
  void append(VectorSchemaRoot source, int first, int count) {
    if (count == 0) {
      return;
    }
    VectorSchemaRoot target = target();
    try (VectorSchemaRoot part = source.slice(first, count)) {
      VectorSchemaRootAppender.append(false, target, part);
    }
  }

  int rows() {
    return gathered.map(VectorSchemaRoot::getRowCount).orElse(0);
  }

  /** The rows so far, also if there are none; the caller closes them. The next row begins anew. */
  VectorSchemaRoot take() {
    VectorSchemaRoot taken = target();
    gathered = Optional.empty();
    return taken;
  }

  @Override
  public void close() {
    gathered.ifPresent(VectorSchemaRoot::close);
    gathered = Optional.empty();
  }

  private VectorSchemaRoot target() {
    if (gathered.isEmpty()) {
      VectorSchemaRoot empty = VectorSchemaRoot.create(schema, allocator);
      empty.allocateNew();
      empty.setRowCount(0);
      gathered = Optional.of(empty);
    }
    return gathered.get();
  }
}
