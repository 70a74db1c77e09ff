// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.sequence;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;

/** Rows of values as bytes: where each row of a list column starts, and the values themselves. */
final class SequenceColumn {
  private final FieldVector lists;
  private final FieldVector items;
  private final int fixedSize;

  private SequenceColumn(FieldVector lists, FieldVector items, int fixedSize) {
    this.lists = lists;
    this.items = items;
    this.fixedSize = fixedSize;
  }

  static SequenceColumn of(FieldVector vector) {
    if (vector instanceof FixedSizeListVector list) {
      return new SequenceColumn(list, list.getDataVector(), list.getListSize());
    } else if (vector instanceof ListVector list) {
      return new SequenceColumn(list, list.getDataVector(), -1);
    }
    throw new IllegalArgumentException(vector.getField() + " is no list");
  }

  /** The first value of a row among all values. */
  long start(int row) {
    return fixedSize >= 0
        ? (long) row * fixedSize
        : lists.getOffsetBuffer().getInt((long) row * Integer.BYTES);
  }

  long length(int row) {
    return fixedSize >= 0 ? fixedSize : start(row + 1) - start(row);
  }

  ArrowBuf values() {
    return items.getDataBuffer();
  }
}
