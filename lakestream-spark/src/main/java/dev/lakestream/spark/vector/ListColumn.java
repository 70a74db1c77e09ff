// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.function.IntUnaryOperator;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.jspecify.annotations.Nullable;

/** Arrays and maps: values that are ranges of other columns. */
final class ListColumn extends CellColumn {
  private final ColumnVector[] parts;
  private final IntUnaryOperator start;
  private final IntUnaryOperator length;

  ListColumn(
      DataType type,
      ValueVector vector,
      ColumnVector items,
      IntUnaryOperator start,
      IntUnaryOperator length) {
    this(type, vector, new ColumnVector[] {items}, start, length);
  }

  private ListColumn(
      DataType type,
      ValueVector vector,
      ColumnVector[] parts,
      IntUnaryOperator start,
      IntUnaryOperator length) {
    super(type, vector);
    this.parts = parts;
    this.start = start;
    this.length = length;
  }

  static ListColumn of(ListVector vector, DataType type, ColumnVector... parts) {
    return new ListColumn(
        type,
        vector,
        parts,
        vector::getElementStartIndex,
        row -> vector.getElementEndIndex(row) - vector.getElementStartIndex(row));
  }

  static ListColumn ofMap(
      ListVector vector, DataType type, ColumnVector keys, ColumnVector values) {
    return of(vector, type, keys, values);
  }

  @Override
  public @Nullable ColumnarArray getArray(int row) {
    return isNullAt(row)
        ? null
        : new ColumnarArray(parts[0], start.applyAsInt(row), length.applyAsInt(row));
  }

  @Override
  public @Nullable ColumnarMap getMap(int row) {
    return isNullAt(row)
        ? null
        : new ColumnarMap(parts[0], parts[1], start.applyAsInt(row), length.applyAsInt(row));
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    return parts[ordinal];
  }
}
