// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.StepRecord;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.SchemaText;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;

/**
 * Counts the tokens, loss tokens and sources of a cell.
 *
 * @param tokens column of which a whole number is summed up, or the lengths of arrays; −1 for none
 * @param lossTokens as tokens, but of an array the elements that are neither 0, false nor null
 * @param source column of strings
 */
record CellMeter(int tokens, int lossTokens, int source) implements Serializable {
  private static final String NO_SOURCE = "(none)";

  /**
   * Finds the columns.
   *
   * @throws InvalidRequestException if one is missing or of a type that can't be counted; names the
   *     option and the column
   */
  static CellMeter of(
      List<Field> columns,
      Optional<String> tokens,
      Optional<String> lossTokens,
      Optional<String> source) {
    return new CellMeter(
        countable("tokensColumn", tokens, columns),
        countable("lossTokensColumn", lossTokens, columns),
        named("sourceColumn", source, columns, "a string", Simple.UTF8::equals));
  }

  CellStats measure(VectorSchemaRoot cell) {
    return new CellStats(
        cell.getRowCount(),
        tokens < 0 ? 0 : tokens(cell.getVector(tokens)),
        lossTokens < 0 ? StepRecord.UNSAID : lossTokens(cell.getVector(lossTokens)),
        source < 0 ? Map.of() : sources((VarCharVector) cell.getVector(source)));
  }

  private static int countable(String option, Optional<String> name, List<Field> columns) {
    return named(
        option,
        name,
        columns,
        "a whole number or an array",
        type ->
            isWholeNumber(type)
                || type instanceof ColumnType.ListOf
                || type instanceof ColumnType.FixedSizeList);
  }

  private static int named(
      String option,
      Optional<String> name,
      List<Field> columns,
      String wanted,
      java.util.function.Predicate<ColumnType> fits) {
    if (name.isEmpty()) {
      return -1;
    }
    List<String> names = columns.stream().map(Field::name).toList();
    int column = names.indexOf(name.get());
    if (column < 0) {
      throw new InvalidRequestException(
          "option '" + option + "' names '" + name.get() + "', but the columns are " + names);
    }
    ColumnType type = columns.get(column).type();
    if (!fits.test(type)) {
      throw new InvalidRequestException(
          "option '"
              + option
              + "' names '"
              + SchemaText.display(columns.get(column))
              + "': it must be "
              + wanted);
    }
    return column;
  }

  private static boolean isWholeNumber(ColumnType type) {
    return type == Simple.INT8
        || type == Simple.INT16
        || type == Simple.INT32
        || type == Simple.INT64;
  }

  private static long tokens(FieldVector column) {
    if (column instanceof ListVector lists) {
      int rows = lists.getValueCount();
      return rows == 0 ? 0 : lists.getElementEndIndex(rows - 1) - lists.getElementStartIndex(0);
    } else if (column instanceof FixedSizeListVector lists) {
      return (long) lists.getListSize() * (lists.getValueCount() - lists.getNullCount());
    }
    return sum(column);
  }

  private static long lossTokens(FieldVector column) {
    if (column instanceof ListVector || column instanceof FixedSizeListVector) {
      FieldVector items = column.getChildrenFromFields().get(0);
      long count = 0;
      for (int i = 0; i < items.getValueCount(); i++) {
        if (isCounted(items, i)) {
          count++;
        }
      }
      return count;
    }
    return sum(column);
  }

  private static long sum(FieldVector numbers) {
    long sum = 0;
    for (int row = 0; row < numbers.getValueCount(); row++) {
      if (numbers.getObject(row) instanceof Number number) {
        sum = Math.addExact(sum, Math.max(0, number.longValue()));
      }
    }
    return sum;
  }

  private static boolean isCounted(FieldVector items, int index) {
    if (items.isNull(index)) {
      return false;
    } else if (items instanceof BitVector bits) {
      return bits.get(index) != 0;
    } else if (items.getObject(index) instanceof Number number) {
      return number.doubleValue() != 0;
    }
    return true;
  }

  private static Map<String, Long> sources(VarCharVector column) {
    Map<String, Long> counts = new TreeMap<>();
    for (int row = 0; row < column.getValueCount(); row++) {
      String name =
          column.isNull(row) ? NO_SOURCE : new String(column.get(row), StandardCharsets.UTF_8);
      counts.merge(name.substring(0, Math.min(name.length(), Limits.SOURCE_LENGTH)), 1L, Long::sum);
    }
    return counts;
  }
}
