// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.schema.Field;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.spark.sql.catalyst.InternalRow;

/** Collects Spark's rows into cells, one after the other. Not thread-safe. */
public final class CellBuilder implements AutoCloseable {
  /** Beyond this the memory of a cell grows as it is filled: a slot may be larger than the data. */
  private static final int MAX_RESERVED_ROWS = 1024;

  private final Schema schema;
  private final int[] ordinals;
  private final BufferAllocator allocator;
  private final VectorWriter[] writers;
  private final AllValid allValid;
  private int rows;

  /**
   * @param columns of the stream
   * @param ordinals where each of them is in a row, as {@link SchemaFit} found
   */
  public CellBuilder(List<Field> columns, int[] ordinals, BufferAllocator allocator) {
    this.schema = new Schema(columns.stream().map(ArrowSchemas::toArrow).toList());
    this.ordinals = ordinals.clone();
    this.allocator = allocator;
    this.allValid = new AllValid(allocator);
    this.writers =
        columns.stream()
            .map(column -> VectorWriters.of(column.name(), column, allocator))
            .toArray(VectorWriter[]::new);
  }

  /** Makes room for a cell of so many rows. */
  public void begin(int expectedRows) {
    for (VectorWriter writer : writers) {
      writer.reserve(Math.min(expectedRows, MAX_RESERVED_ROWS));
    }
  }

  /**
   * Copies a row.
   *
   * @throws BadRowException if it breaks the schema; the cell can't be used then
   */
  public void append(InternalRow row) {
    for (int column = 0; column < writers.length; column++) {
      writers[column].append(row, ordinals[column]);
    }
    rows++;
  }

  public int rows() {
    return rows;
  }

  /** The cell, which is the caller's to close. The next row begins the next one. */
  public VectorSchemaRoot finish() {
    List<FieldVector> vectors = new ArrayList<>(writers.length);
    try {
      for (int column = 0; column < writers.length; column++) {
        FieldVector vector = schema.getFields().get(column).createVector(allocator);
        vectors.add(vector);
        writers[column].load(vector, allValid);
      }
    } catch (RuntimeException e) {
      vectors.forEach(FieldVector::close);
      throw e;
    }
    VectorSchemaRoot cell = new VectorSchemaRoot(schema, vectors, rows);
    rows = 0;
    return cell;
  }

  @Override
  public void close() {
    for (VectorWriter writer : writers) {
      writer.close();
    }
    allValid.close();
  }
}
