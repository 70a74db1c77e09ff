// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.util.Optional;
import java.util.function.Consumer;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;

/** What {@link CellMeter} counts, of expressions. */
final class ComputedCounts {
  private ComputedCounts() {}

  /**
   * The sum of whole numbers, or the elements of arrays.
   *
   * @param isMask whether only elements count that are neither 0, false nor null
   */
  static long count(VectorSchemaRoot cell, CellExpression expression, boolean isMask) {
    Sum sum = new Sum();
    DataType type = expression.type();
    expression.forEach(
        cell,
        row -> {
          if (!row.isNullAt(0)) {
            sum.add(
                type instanceof ArrayType array
                    ? elements(row.getArray(0), array.elementType(), isMask)
                    : Math.max(0, ((Number) row.get(0, type)).longValue()));
          }
        });
    return sum.value;
  }

  /** The strings, empty for null. */
  static void names(
      VectorSchemaRoot cell, CellExpression expression, Consumer<Optional<String>> consumer) {
    expression.forEach(cell, row -> consumer.accept(name(row)));
  }

  private static Optional<String> name(UnsafeRow row) {
    return row.isNullAt(0) ? Optional.empty() : Optional.of(row.getUTF8String(0).toString());
  }

  private static long elements(UnsafeArrayData array, DataType type, boolean isMask) {
    if (!isMask) {
      return array.numElements();
    }
    long count = 0;
    for (int element = 0; element < array.numElements(); element++) {
      if (!array.isNullAt(element) && isCounted(array, element, type)) {
        count++;
      }
    }
    return count;
  }

  private static boolean isCounted(UnsafeArrayData array, int element, DataType type) {
    if (type instanceof BooleanType) {
      return array.getBoolean(element);
    }
    return !(array.get(element, type) instanceof Number number) || number.doubleValue() != 0;
  }

  private static final class Sum {
    private long value;

    void add(long more) {
      value = Math.addExact(value, more);
    }
  }
}
