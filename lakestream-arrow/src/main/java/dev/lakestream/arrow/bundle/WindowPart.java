// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import static dev.lakestream.arrow.bundle.ColumnSink.NO_BUFFER;

import dev.lakestream.arrow.bundle.ColumnLayout.Kind;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/**
 * One vector of a window, a column or a part of one: its buffers, which are pointed at one cell
 * after another, and what of them lies where.
 */
final class WindowPart {
  private static final long ELSEWHERE = -1;

  private final FieldVector vector;
  private final ColumnLayout layout;
  private final BorrowedMemory memory;
  private final ArrowBuf validity;
  private final ArrowBuf offsets;
  private final ArrowBuf values;
  private int count;
  private boolean full;
  private long available;

  /** Where the buffers begin in the cell, or {@link #ELSEWHERE}. */
  private long validityAt;

  private long offsetsAt;
  private long valuesAt;

  /**
   * Gives a vector, which has nothing yet, buffers that can be pointed.
   *
   * @param spare readable memory, some bytes of it
   */
  WindowPart(FieldVector vector, ColumnLayout layout, BorrowedMemory memory, ArrowBuf spare) {
    this.vector = vector;
    this.layout = layout;
    this.memory = memory;
    this.validity = memory.over(spare.memoryAddress(), spare.capacity());
    this.offsets = memory.over(spare.memoryAddress(), spare.capacity());
    this.values = memory.over(spare.memoryAddress(), spare.capacity());
    vector.loadFieldBuffers(
        new ArrowFieldNode(0, 0),
        switch (layout.kind()) {
          case NULL -> List.of();
          case BITS, FIXED -> List.of(validity, values);
          case VARIABLE -> List.of(validity, offsets, values);
          case LIST -> List.of(validity, offsets);
          case FIXED_LIST, STRUCT -> List.of(validity);
        });
  }

  /** Shows the values of a column of a cell; {@link #fill} follows. */
  void show(CellBuffers from, long cell, int itsCount, int itsValidity, int itsOffsets, int its) {
    count = itsCount;
    full = itsValidity == NO_BUFFER;
    validityAt = point(validity, from, itsValidity, cell);
    offsetsAt = point(offsets, from, itsOffsets, cell);
    valuesAt = point(values, from, its, cell);
    available = its == NO_BUFFER ? 0 : from.bytes(its);
    ArrowInternals.setCount(vector, count);
  }

  /** Shows lists without nulls; {@link #fill} follows. */
  void showLists(int rows, ArrowBuf from) {
    count = rows;
    full = true;
    offsetsAt = 0;
    if (layout.kind() == Kind.LIST) {
      ArrowInternals.point(offsets, from.memoryAddress(), (rows + 1L) * layout.width());
    }
    ArrowInternals.setCount(vector, count);
  }

  /** Shows values without nulls; {@link #fill} follows. */
  void showValues(int itsCount, ArrowBuf from) {
    count = itsCount;
    full = true;
    offsetsAt = 0;
    ArrowInternals.point(values, from.memoryAddress(), (long) itsCount * layout.width());
    ArrowInternals.setCount(vector, count);
  }

  private static long point(ArrowBuf buffer, CellBuffers from, int index, long cell) {
    if (index == NO_BUFFER) {
      return ELSEWHERE;
    }
    ArrowInternals.point(buffer, from.address(index), from.bytes(index));
    return from.address(index) - cell;
  }

  /** How many values a list may refer to. */
  void setAvailable(int values) {
    available = values;
  }

  int count() {
    return count;
  }

  /**
   * Points what a cell leaves out somewhere else.
   *
   * @param ones as many as the window has values
   * @param zeros some
   */
  void fill(ArrowBuf ones, ArrowBuf zeros) {
    if (full) {
      ArrowInternals.point(validity, ones.memoryAddress(), (count + 7L) / 8);
    }
    if (offsetsAt == ELSEWHERE) {
      ArrowInternals.point(offsets, zeros.memoryAddress(), layout.width());
    }
  }

  /** Shows the values of a cell that has all its buffers where the one before had them. */
  void moveTo(long cell) {
    move(validity, validityAt, cell);
    move(offsets, offsetsAt, cell);
    move(values, valuesAt, cell);
    if (offsetsAt != ELSEWHERE) {
      ColumnWalk.checkOffsets(layout, cell + offsetsAt, count, available);
    }
  }

  private static void move(ArrowBuf buffer, long at, long cell) {
    if (at != ELSEWHERE) {
      ArrowInternals.point(buffer, cell + at, buffer.capacity());
    }
  }

  boolean isList() {
    return layout.kind() == Kind.LIST;
  }

  /** Whether nobody has closed the vector, which then has other buffers than these. */
  boolean isWhole() {
    return vector instanceof NullVector
        || vector.getValidityBuffer().getReferenceManager() == memory;
  }
}
