// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import org.apache.arrow.vector.complex.StructVector;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;

/** Structs; Spark looks at their parts itself. */
final class StructColumn extends CellColumn {
  private final ColumnVector[] children;

  StructColumn(StructType type, StructVector vector, ColumnVector[] children) {
    super(type, vector);
    this.children = children;
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    return children[ordinal];
  }
}
