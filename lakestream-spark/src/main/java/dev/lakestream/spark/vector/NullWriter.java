// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;

/** A column of nothing but nulls, which Arrow keeps without any buffer. */
final class NullWriter extends VectorWriter {
  NullWriter(String path, BufferAllocator allocator) {
    super(path, true, allocator);
  }

  @Override
  void reserve(int values) {}

  @Override
  void put(SpecializedGetters source, int ordinal) {
    throw bad("is not null, although its type is void");
  }

  @Override
  void putNothing() {}

  @Override
  List<ArrowBuf> takeBuffers() {
    return List.of();
  }

  @Override
  void load(FieldVector vector, AllValid allValid) {
    vector.loadFieldBuffers(new ArrowFieldNode(count(), count()), List.of());
    startOver();
  }
}
