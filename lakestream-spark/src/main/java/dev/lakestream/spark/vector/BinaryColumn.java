// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;

/** Binaries of one length. */
final class BinaryColumn extends CellColumn {
  private final FixedSizeBinaryVector vector;

  BinaryColumn(DataType type, FixedSizeBinaryVector vector) {
    super(type, vector);
    this.vector = vector;
  }

  @Override
  public byte @Nullable [] getBinary(int row) {
    return isNullAt(row) ? null : vector.get(row);
  }
}
