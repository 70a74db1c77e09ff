// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * A vector of lists of values, without nulls, that shows values which somebody else has, one after
 * another. Showing allocates nothing, unless there are more of them than ever before.
 *
 * <p>Must: what is shown stays until something else is shown, or {@link #close()}.
 *
 * <p>Not thread-safe.
 */
public final class ListWindow implements AutoCloseable {
  private static final int SPARE = 64;

  private final FieldVector vector;
  private final WindowPart lists;
  private final WindowPart items;
  private final NoNulls noNulls;

  /** A vector of this field, a list of any kind with items of fixed size, that is empty yet. */
  public ListWindow(Field field, dev.lakestream.schema.Field column, BufferAllocator allocator) {
    this.vector = field.createVector(allocator);
    this.noNulls = new NoNulls(allocator);
    BorrowedMemory memory = new BorrowedMemory(allocator);
    ColumnLayout layout = ColumnLayout.of(column);
    ArrowBuf spare = noNulls.atLeast(SPARE * Byte.SIZE);
    memory.lend();
    try {
      this.lists = new WindowPart(vector, layout, memory, spare);
      this.items =
          new WindowPart(
              vector.getChildrenFromFields().get(0), layout.children().get(0), memory, spare);
    } finally {
      memory.lent();
    }
  }

  /** The vector, always the same. */
  public FieldVector vector() {
    return vector;
  }

  /** Whether nobody has closed the vector. */
  public boolean isWhole() {
    return lists.isWhole() && items.isWhole();
  }

  /**
   * Shows lists.
   *
   * @param offsets where they begin among the values; not looked at if all are of one size
   * @param count how many values there are
   */
  public void show(int rows, ArrowBuf offsets, int count, ArrowBuf values) {
    lists.showLists(rows, offsets);
    items.showValues(count, values);
    ArrowBuf ones = noNulls.atLeast(Math.max(rows, count));
    lists.fill(ones, ones);
    items.fill(ones, ones);
  }

  /** Sets the rows of a root that joins vectors which all show as many; leaves those alone. */
  public static void setRows(VectorSchemaRoot root, int rows) {
    ArrowInternals.setRows(root, rows);
  }

  @Override
  public void close() {
    vector.close();
    noNulls.close();
  }
}
