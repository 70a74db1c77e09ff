// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** Lists whose offsets begin in the middle of their values, as other implementations slice them. */
final class ShiftedRows {
  private ShiftedRows() {}

  /** The rows from one on: non-nullable list columns share their values, others are sliced. */
  static VectorSchemaRoot tail(VectorSchemaRoot rows, int from, BufferAllocator allocator) {
    int count = rows.getRowCount() - from;
    List<FieldVector> columns = new ArrayList<>();
    for (FieldVector column : rows.getFieldVectors()) {
      columns.add(
          column.getClass() == ListVector.class && !column.getField().isNullable()
              ? shifted((ListVector) column, from, count, allocator)
              : sliced(column, from, count, allocator));
    }
    return new VectorSchemaRoot(rows.getSchema().getFields(), columns, count);
  }

  private static FieldVector sliced(
      FieldVector column, int from, int count, BufferAllocator allocator) {
    var pair = column.getTransferPair(allocator);
    pair.splitAndTransfer(from, count);
    return (FieldVector) pair.getTo();
  }

  private static FieldVector shifted(
      ListVector column, int from, int count, BufferAllocator allocator) {
    ListVector target = (ListVector) column.getField().createVector(allocator);
    try (ArrowBuf validity = allocator.buffer((count + 7) / 8)) {
      validity.setOne(0, validity.capacity());
      target.loadFieldBuffers(
          new ArrowFieldNode(count, 0),
          List.of(validity, column.getOffsetBuffer().slice(from * 4L, (count + 1) * 4L)));
    }
    copyWhole(column.getDataVector(), target.getDataVector());
    return target;
  }

  private static void copyWhole(FieldVector from, FieldVector to) {
    to.loadFieldBuffers(
        new ArrowFieldNode(from.getValueCount(), from.getNullCount()), from.getFieldBuffers());
    for (int child = 0; child < from.getChildrenFromFields().size(); child++) {
      copyWhole(from.getChildrenFromFields().get(child), to.getChildrenFromFields().get(child));
    }
  }
}
