// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import org.apache.arrow.vector.ValueVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** A column of ours: it can say which values are null, its kinds say what the others are. */
abstract class CellColumn extends ColumnVector {
  private final ValueVector vector;

  CellColumn(DataType type, ValueVector vector) {
    super(type);
    this.vector = vector;
  }

  @Override
  public final boolean hasNull() {
    return numNulls() > 0;
  }

  @Override
  public final int numNulls() {
    return vector.getNullCount();
  }

  @Override
  public final boolean isNullAt(int row) {
    return vector.isNull(row);
  }

  /** Does nothing: the memory belongs to the cell. */
  @Override
  public final void close() {}

  @Override
  public boolean getBoolean(int row) {
    throw other("a boolean");
  }

  @Override
  public byte getByte(int row) {
    throw other("a byte");
  }

  @Override
  public short getShort(int row) {
    throw other("a short");
  }

  @Override
  public int getInt(int row) {
    throw other("an int");
  }

  @Override
  public long getLong(int row) {
    throw other("a long");
  }

  @Override
  public float getFloat(int row) {
    throw other("a float");
  }

  @Override
  public double getDouble(int row) {
    throw other("a double");
  }

  @Override
  public @Nullable ColumnarArray getArray(int row) {
    throw other("an array");
  }

  @Override
  public @Nullable ColumnarMap getMap(int row) {
    throw other("a map");
  }

  @Override
  public @Nullable Decimal getDecimal(int row, int precision, int scale) {
    throw other("a decimal");
  }

  @Override
  public @Nullable UTF8String getUTF8String(int row) {
    throw other("a string");
  }

  @Override
  public byte @Nullable [] getBinary(int row) {
    throw other("a binary");
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    throw other("a part");
  }

  private UnsupportedOperationException other(String what) {
    return new UnsupportedOperationException(
        "column '" + vector.getName() + "' is " + vector.getField().getType() + ", not " + what);
  }
}
