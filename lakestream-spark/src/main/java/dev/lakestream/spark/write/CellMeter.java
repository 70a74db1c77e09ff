// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.StepRecord;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.SchemaText;
import dev.lakestream.spark.vector.SparkSchemas;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
 * @param tokens column of which a whole number is summed up, or the lengths of arrays; −1 for none;
 *     behind the last column of the cell come those that are computed
 * @param lossTokens as tokens, but of an array the elements that are neither 0, false nor null
 * @param source column of strings
 * @param computed columns that cells don't have
 */
record CellMeter(int tokens, int lossTokens, int source, List<CellExpression> computed)
    implements Serializable {
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
    List<CellExpression> computed = new ArrayList<>();
    return new CellMeter(
        countable("tokensColumn", tokens, columns, computed),
        countable("lossTokensColumn", lossTokens, columns, computed),
        named("sourceColumn", source, columns, computed, "a string", Simple.UTF8::equals),
        List.copyOf(computed));
  }

  CellStats measure(VectorSchemaRoot cell) {
    return new CellStats(
        cell.getRowCount(),
        tokens < 0 ? 0 : count(cell, tokens, false),
        lossTokens < 0 ? StepRecord.UNSAID : count(cell, lossTokens, true),
        source < 0 ? Map.of() : sources(cell));
  }

  private long count(VectorSchemaRoot cell, int column, boolean isMask) {
    int stored = cell.getFieldVectors().size();
    if (column >= stored) {
      return ComputedCounts.count(cell, computed.get(column - stored), isMask);
    }
    FieldVector vector = cell.getVector(column);
    return isMask ? lossTokens(vector) : tokens(vector);
  }

  private Map<String, Long> sources(VectorSchemaRoot cell) {
    Map<String, Long> counts = new TreeMap<>();
    int stored = cell.getFieldVectors().size();
    if (source >= stored) {
      ComputedCounts.names(
          cell, computed.get(source - stored), name -> addSource(counts, name.orElse(NO_SOURCE)));
      return counts;
    }
    VarCharVector names = (VarCharVector) cell.getVector(source);
    for (int row = 0; row < names.getValueCount(); row++) {
      addSource(
          counts,
          names.isNull(row) ? NO_SOURCE : new String(names.get(row), StandardCharsets.UTF_8));
    }
    return counts;
  }

  private static void addSource(Map<String, Long> counts, String name) {
    counts.merge(name.substring(0, Math.min(name.length(), Limits.SOURCE_LENGTH)), 1L, Long::sum);
  }

  private static int countable(
      String option, Optional<String> name, List<Field> columns, List<CellExpression> computed) {
    return named(
        option,
        name,
        columns,
        computed,
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
      List<CellExpression> computed,
      String wanted,
      java.util.function.Predicate<ColumnType> fits) {
    if (name.isEmpty()) {
      return -1;
    }
    List<String> names = columns.stream().map(Field::name).toList();
    int column = names.indexOf(name.get());
    Field found =
        column < 0 ? computed(option, name.get(), columns, computed) : columns.get(column);
    if (!fits.test(found.type())) {
      throw new InvalidRequestException(
          "option '"
              + option
              + "' names '"
              + SchemaText.display(found)
              + "': it must be "
              + wanted);
    }
    return column < 0 ? columns.size() + computed.size() - 1 : column;
  }

  private static Field computed(
      String option, String text, List<Field> columns, List<CellExpression> computed) {
    CellExpression expression = CellExpression.of(option, text, columns);
    computed.add(expression);
    return Field.nullable(text, SparkSchemas.type(text, expression.type()));
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
}
