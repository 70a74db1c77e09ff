// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Field;

/** A column that bundles lack because they are older than the schema: nulls. */
final class NullColumn {
  private final FieldVector vector;
  private int room;
  private int rows;

  NullColumn(Field field, BufferAllocator allocator) {
    this.vector = field.createVector(allocator);
  }

  /** So many nulls; the caller closes them. */
  static FieldVector of(Field field, int rows, BufferAllocator allocator) {
    NullColumn column = new NullColumn(field, allocator);
    column.show(rows);
    return column.vector();
  }

  /** The vector, always the same. */
  FieldVector vector() {
    return vector;
  }

  /** Has so many rows from now on. */
  void show(int wanted) {
    boolean closed = vector.getValueCount() != rows;
    if (closed || wanted > room) {
      vector.setInitialCapacity(wanted);
      vector.allocateNew();
      room = wanted;
    }
    vector.setValueCount(wanted);
    rows = wanted;
  }
}
