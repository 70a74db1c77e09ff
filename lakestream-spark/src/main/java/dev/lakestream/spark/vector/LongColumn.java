// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.function.IntToLongFunction;
import org.apache.arrow.vector.ValueVector;
import org.apache.spark.sql.types.DataType;

/** Whole numbers that Arrow stores in another form than Spark. */
final class LongColumn extends CellColumn {
  private final IntToLongFunction value;

  LongColumn(DataType type, ValueVector vector, IntToLongFunction value) {
    super(type, vector);
    this.value = value;
  }

  @Override
  public short getShort(int row) {
    return (short) value.applyAsLong(row);
  }

  @Override
  public int getInt(int row) {
    return (int) value.applyAsLong(row);
  }

  @Override
  public long getLong(int row) {
    return value.applyAsLong(row);
  }
}
