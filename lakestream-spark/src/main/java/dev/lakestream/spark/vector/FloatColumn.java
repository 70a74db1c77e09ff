// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import org.apache.arrow.vector.ValueVector;
import org.apache.spark.sql.types.DataType;

/** Floats of half precision. */
final class FloatColumn extends CellColumn {
  private final Half value;

  /** Reads one. */
  interface Half {
    float at(int row);
  }

  FloatColumn(DataType type, ValueVector vector, Half value) {
    super(type, vector);
    this.value = value;
  }

  @Override
  public float getFloat(int row) {
    return value.at(row);
  }
}
