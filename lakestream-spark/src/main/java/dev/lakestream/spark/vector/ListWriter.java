// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;

/** Arrays of any length. */
final class ListWriter extends VectorWriter {
  private final Offsets offsets;
  private final VectorWriter items;

  ListWriter(String path, boolean nullable, BufferAllocator allocator, VectorWriter items) {
    super(path, nullable, allocator);
    this.offsets = new Offsets(allocator);
    this.items = items;
  }

  @Override
  void reserve(int values) {
    offsets.reserve(Math.addExact(count(), values));
  }

  @Override
  void put(SpecializedGetters source, int ordinal) {
    ArrayData array = source.getArray(ordinal);
    if (array.numElements() > Integer.MAX_VALUE - items.count()) {
      throw tooLarge();
    }
    items.appendAll(array);
    offsets.end(count(), items.count());
  }

  @Override
  void putNothing() {
    offsets.end(count(), items.count());
  }

  @Override
  List<ArrowBuf> takeBuffers() {
    return List.of(offsets.take(count()));
  }

  @Override
  void loadChildren(FieldVector vector, AllValid allValid) {
    items.load(vector.getChildrenFromFields().get(0), allValid);
  }

  @Override
  public void close() {
    super.close();
    offsets.close();
    items.close();
  }
}
