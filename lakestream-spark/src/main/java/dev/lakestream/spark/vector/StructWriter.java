// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;

/** Structs. */
final class StructWriter extends VectorWriter {
  private final List<VectorWriter> fields;

  StructWriter(
      String path, boolean nullable, BufferAllocator allocator, List<VectorWriter> fields) {
    super(path, nullable, allocator);
    this.fields = fields;
  }

  @Override
  void reserve(int values) {
    fields.forEach(field -> field.reserve(values));
  }

  @Override
  void put(SpecializedGetters source, int ordinal) {
    InternalRow row = source.getStruct(ordinal, fields.size());
    for (int i = 0; i < fields.size(); i++) {
      fields.get(i).append(row, i);
    }
  }

  @Override
  void putNothing() {
    fields.forEach(VectorWriter::appendFiller);
  }

  @Override
  List<ArrowBuf> takeBuffers() {
    return List.of();
  }

  @Override
  void loadChildren(FieldVector vector, AllValid allValid) {
    List<FieldVector> children = vector.getChildrenFromFields();
    for (int i = 0; i < fields.size(); i++) {
      fields.get(i).load(children.get(i), allValid);
    }
  }

  @Override
  public void close() {
    super.close();
    fields.forEach(VectorWriter::close);
  }
}
