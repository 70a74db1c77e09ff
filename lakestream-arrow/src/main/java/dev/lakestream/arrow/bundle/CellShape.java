// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.bundle.ColumnLayout.Kind;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Vectors over a cell that was decoded, and what another cell must have in common with it for them
 * to be moved there: length, rows, and every byte of the metadata.
 */
final class CellShape {
  private final VectorSchemaRoot root;
  private final FieldVector[] vectors;
  private final ArrowBuf[] buffers;
  private final long[] offsets;
  private final long[] metadata;
  private final long length;
  private final Offsets[] variable;

  /** The offsets of a variable-length column, how many values it has, and of how much. */
  private record Offsets(ColumnLayout layout, ArrowBuf offsets, int count, long available) {}

  /**
   * The shape of a cell.
   *
   * @param layouts of the root's columns
   * @param buffers all that point into the cell
   * @param metadata what stands before its body
   */
  CellShape(
      VectorSchemaRoot root,
      List<ColumnLayout> layouts,
      List<ArrowBuf> buffers,
      long[] metadata,
      long address,
      long length) {
    this.root = root;
    this.vectors = root.getFieldVectors().toArray(FieldVector[]::new);
    this.buffers = buffers.toArray(ArrowBuf[]::new);
    this.offsets = buffers.stream().mapToLong(buffer -> buffer.memoryAddress() - address).toArray();
    this.metadata = metadata;
    this.length = length;
    List<Offsets> found = new ArrayList<>();
    for (int column = 0; column < vectors.length; column++) {
      collectOffsets(layouts.get(column), vectors[column], found);
    }
    this.variable = found.toArray(Offsets[]::new);
  }

  private static void collectOffsets(ColumnLayout layout, FieldVector vector, List<Offsets> into) {
    List<FieldVector> children = vector.getChildrenFromFields();
    if (layout.kind() == Kind.VARIABLE || layout.kind() == Kind.LIST) {
      long available =
          layout.kind() == Kind.LIST
              ? children.get(0).getValueCount()
              : vector.getDataBuffer().capacity();
      ArrowBuf offsets = vector.getOffsetBuffer();
      into.add(new Offsets(layout, offsets, vector.getValueCount(), available));
    }
    for (int child = 0; child < layout.children().size(); child++) {
      collectOffsets(layout.children().get(child), children.get(child), into);
    }
  }

  /** Points the vectors at another cell; false if they do not fit it. */
  boolean moveTo(long address, long itsLength, int rows) {
    if (itsLength != length || rows != root.getRowCount() || !isLike(address) || !isWhole(rows)) {
      return false;
    }
    for (int index = 0; index < buffers.length; index++) {
      BorrowedMemory.move(buffers[index], address + offsets[index]);
    }
    return hasSoundOffsets();
  }

  private boolean hasSoundOffsets() {
    try {
      for (Offsets each : variable) {
        ColumnLoader.checkOffsets(each.layout, each.offsets, each.count, each.available);
      }
      return true;
    } catch (MalformedCellException e) {
      return false;
    }
  }

  private boolean isLike(long address) {
    for (int word = 0; word < metadata.length; word++) {
      if (MemoryUtil.getLong(address + (long) word * Long.BYTES) != metadata[word]) {
        return false;
      }
    }
    return true;
  }

  /** Whether nobody has closed a vector, which then would have other buffers than these. */
  private boolean isWhole(int rows) {
    for (FieldVector vector : vectors) {
      if (vector.getValueCount() != rows) {
        return false;
      }
    }
    return true;
  }
}
