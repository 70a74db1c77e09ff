// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.jspecify.annotations.Nullable;

/** Unsigned 64-bit numbers, for which Spark has only decimals. */
final class UnsignedLongColumn extends CellColumn {
  private final UInt8Vector vector;

  UnsignedLongColumn(DataType type, UInt8Vector vector) {
    super(type, vector);
    this.vector = vector;
  }

  @Override
  public @Nullable Decimal getDecimal(int row, int precision, int scale) {
    if (isNullAt(row)) {
      return null;
    }
    BigInteger value = new BigInteger(Long.toUnsignedString(vector.get(row)));
    return Decimal.apply(new BigDecimal(value), precision, scale);
  }
}
