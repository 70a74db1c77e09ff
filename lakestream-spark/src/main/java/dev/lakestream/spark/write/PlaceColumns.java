// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.spark.options.RowOrder;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that say where rows belong. They are no columns of the stream.
 *
 * @param step where the step is in a row; −1 if rows don't say
 * @param slot where the slot is in a row; −1 if rows don't say
 */
record PlaceColumns(int step, int slot) implements Serializable {
  static final String STEP = "_step";
  static final String SLOT = "_slot";

  private static final Set<String> NAMES = Set.of(STEP, SLOT);
  private static final PlaceColumns NONE = new PlaceColumns(-1, -1);

  /**
   * Those of these rows.
   *
   * @throws InvalidRequestException if the order is explicit and no column says the step
   */
  static PlaceColumns of(StructType rows, RowOrder order) {
    if (order != RowOrder.EXPLICIT) {
      return NONE;
    }
    List<String> names = Arrays.asList(rows.fieldNames());
    PlaceColumns found = new PlaceColumns(names.indexOf(STEP), names.indexOf(SLOT));
    if (found.step < 0) {
      throw new InvalidRequestException(
          "option 'order' is 'explicit', but there is no column '"
              + STEP
              + "' that says which step a row belongs to; the columns are "
              + names);
    }
    found.checkType(rows, found.step);
    found.checkType(rows, found.slot);
    return found;
  }

  /** The columns that go into the stream. */
  static StructType without(StructType rows, RowOrder order) {
    return order != RowOrder.EXPLICIT
        ? rows
        : new StructType(
            Arrays.stream(rows.fields())
                .filter(field -> !NAMES.contains(field.name()))
                .toArray(StructField[]::new));
  }

  boolean hasSlot() {
    return slot >= 0;
  }

  private void checkType(StructType rows, int ordinal) {
    if (ordinal < 0) {
      return;
    }
    DataType type = rows.fields()[ordinal].dataType();
    boolean fits = ordinal == slot ? type instanceof IntegerType : type instanceof LongType;
    if (!fits) {
      throw new InvalidRequestException(
          "column '"
              + rows.fields()[ordinal].name()
              + "' has the type "
              + type.sql()
              + ": cast it to "
              + (ordinal == slot ? "INT" : "BIGINT"));
    }
  }
}
