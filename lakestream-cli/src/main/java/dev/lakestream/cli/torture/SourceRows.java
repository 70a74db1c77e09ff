// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import java.util.List;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;

/**
 * The source that every producer reads: row after row, each with values that follow from its
 * producer and its number. {@code torture_reader.py} knows the same formula.
 */
final class SourceRows {
  static final int SLOTS = 8;
  static final int SLOT_ROWS = 4;
  private static final int VALUES = 16;

  private SourceRows() {}

  static List<Field> fields() {
    return List.of(
        Field.required("producer", ColumnType.Simple.INT32),
        Field.required("row", ColumnType.Simple.INT64),
        Field.required(
            "values",
            new ColumnType.FixedSizeList(Field.required("item", ColumnType.Simple.INT32), VALUES)));
  }

  private static int value(int producer, long row, int index) {
    return (int) ((producer * 1_000_003L + row * 7919 + index * 31L) & 0x7fffffff);
  }

  /** Fills a cell with the rows of a slot, beginning with one of a producer. */
  static void fill(VectorSchemaRoot cell, int producer, long firstRow) {
    cell.allocateNew();
    IntVector producers = (IntVector) cell.getVector("producer");
    BigIntVector rows = (BigIntVector) cell.getVector("row");
    FixedSizeListVector lists = (FixedSizeListVector) cell.getVector("values");
    IntVector values = (IntVector) lists.getDataVector();
    for (int i = 0; i < SLOT_ROWS; i++) {
      producers.setSafe(i, producer);
      rows.setSafe(i, firstRow + i);
      lists.setNotNull(i);
      for (int v = 0; v < VALUES; v++) {
        values.setSafe(i * VALUES + v, value(producer, firstRow + i, v));
      }
    }
    values.setValueCount(SLOT_ROWS * VALUES);
    cell.setRowCount(SLOT_ROWS);
  }

  /**
   * Which rows a cell has, after a look at each value.
   *
   * @throws IllegalStateException if it is not the cell of any producer
   */
  static DeliveredSlot read(int slot, VectorSchemaRoot cell) {
    IntVector producers = (IntVector) cell.getVector("producer");
    BigIntVector rows = (BigIntVector) cell.getVector("row");
    IntVector values = (IntVector) ((FixedSizeListVector) cell.getVector("values")).getDataVector();
    int producer = producers.get(0);
    long first = rows.get(0);
    for (int i = 0; i < cell.getRowCount(); i++) {
      boolean right = producers.get(i) == producer && rows.get(i) == first + i;
      for (int v = 0; v < VALUES; v++) {
        right &= values.get(i * VALUES + v) == value(producer, first + i, v);
      }
      if (!right) {
        throw new IllegalStateException(
            "slot " + slot + " has wrong values in row " + i + " after row " + first);
      }
    }
    return new DeliveredSlot(slot, producer, first, cell.getRowCount());
  }
}
