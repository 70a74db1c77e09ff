// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** Loads new vectors, which hold what they are made of, with the columns of one cell. */
final class VectorLoader implements ColumnSink {
  private final CellBuffers buffers;
  private final ArrowBuf cell;
  private final NoNulls noNulls;
  private final BufferAllocator allocator;
  private final List<FieldVector> vectors = new ArrayList<>();
  private int firstNode;

  VectorLoader(CellBuffers buffers, ArrowBuf cell, NoNulls noNulls, BufferAllocator allocator) {
    this.buffers = buffers;
    this.cell = cell;
    this.noNulls = noNulls;
    this.allocator = allocator;
  }

  /** The column that comes next, whose first node has this number. */
  void begin(FieldVector column, int node) {
    vectors.clear();
    collect(column);
    firstNode = node;
  }

  /** In the order of nodes: each before its parts. */
  private void collect(FieldVector vector) {
    vectors.add(vector);
    vector.getChildrenFromFields().forEach(this::collect);
  }

  @Override
  public void accept(
      ColumnLayout layout, int node, int count, int nulls, int validity, int offsets, int values) {
    FieldVector vector = vectors.get(node - firstNode);
    ArrowFieldNode loaded = new ArrowFieldNode(count, nulls);
    ArrowBuf valid = validity == NO_BUFFER ? noNulls.of(count) : buffers.slice(validity, cell);
    // Where there are no offsets vectors want the first, and make it.
    ArrowBuf first = offsets == NO_BUFFER ? allocator.getEmpty() : buffers.slice(offsets, cell);
    switch (layout.kind()) {
      case NULL -> vector.loadFieldBuffers(loaded, List.of());
      case BITS, FIXED ->
          vector.loadFieldBuffers(loaded, List.of(valid, buffers.slice(values, cell)));
      case VARIABLE ->
          vector.loadFieldBuffers(loaded, List.of(valid, first, buffers.slice(values, cell)));
      case LIST -> vector.loadFieldBuffers(loaded, List.of(valid, first));
      case FIXED_LIST, STRUCT -> vector.loadFieldBuffers(loaded, List.of(valid));
    }
  }
}
