// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;

/** Arrays of one declared length; any other is refused. */
final class FixedSizeListWriter extends VectorWriter {
  private final int size;
  private final VectorWriter items;

  FixedSizeListWriter(
      String path, boolean nullable, BufferAllocator allocator, int size, VectorWriter items) {
    super(path, nullable, allocator);
    this.size = size;
    this.items = items;
  }

  @Override
  void reserve(int values) {
    items.reserve(Math.multiplyExact(values, size));
  }

  @Override
  void put(SpecializedGetters source, int ordinal) {
    ArrayData array = source.getArray(ordinal);
    if (array.numElements() != size) {
      throw bad("has " + array.numElements() + " elements, its declared length is " + size);
    }
    items.appendAll(array);
  }

  @Override
  void putNothing() {
    items.reserve(size);
    for (int i = 0; i < size; i++) {
      items.appendFiller();
    }
  }

  @Override
  List<ArrowBuf> takeBuffers() {
    return List.of();
  }

  @Override
  void loadChildren(FieldVector vector, AllValid allValid) {
    items.load(vector.getChildrenFromFields().get(0), allValid);
  }

  @Override
  public void close() {
    super.close();
    items.close();
  }
}
