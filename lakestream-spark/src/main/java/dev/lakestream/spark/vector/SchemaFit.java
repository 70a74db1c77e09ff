// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.SchemaText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Whether the rows of a DataFrame fit the columns of a stream. Columns are matched by name, their
 * order does not matter. Nullability does not count here: it is checked row by row, since most
 * sources of Spark call every column nullable.
 */
public final class SchemaFit {
  private SchemaFit() {}

  /**
   * For each column of the stream, where it is in the DataFrame.
   *
   * @throws InvalidRequestException if they don't fit; names each column and both types
   */
  public static int[] ordinals(StructType rows, List<Field> columns) {
    List<String> problems = new ArrayList<>();
    int[] ordinals = new int[columns.size()];
    for (int column = 0; column < ordinals.length; column++) {
      Field field = columns.get(column);
      List<String> names = Arrays.asList(rows.fieldNames());
      ordinals[column] = names.indexOf(field.name());
      if (ordinals[column] < 0) {
        problems.add("the stream's column '" + SchemaText.display(field) + "' is missing");
      } else {
        problem(field, rows.fields()[ordinals[column]].dataType()).ifPresent(problems::add);
      }
    }
    for (String name : rows.fieldNames()) {
      if (columns.stream().noneMatch(field -> field.name().equals(name))) {
        problems.add("column '" + name + "' is not in the stream");
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidRequestException(
          "the DataFrame does not have the schema of the stream: "
              + String.join("; ", problems)
              + ". Select, rename or cast its columns");
    }
    return ordinals;
  }

  private static Optional<String> problem(Field field, DataType given) {
    ColumnType type = SparkSchemas.type(field.name(), given);
    return fits(type, field.type())
        ? Optional.empty()
        : Optional.of(
            "column '"
                + field.name()
                + "' is '"
                + SchemaText.display(new Field(field.name(), type, field.nullable()))
                + "', the stream has '"
                + SchemaText.display(field)
                + "'");
  }

  private static boolean fits(ColumnType given, ColumnType wanted) {
    if (given instanceof ColumnType.ListOf list) {
      return (wanted instanceof ColumnType.ListOf other
              && fits(list.item().type(), other.item().type()))
          || (wanted instanceof ColumnType.FixedSizeList fixed
              && fits(list.item().type(), fixed.item().type()));
    } else if (given instanceof ColumnType.MapOf map) {
      return wanted instanceof ColumnType.MapOf other
          && fits(map.key().type(), other.key().type())
          && fits(map.value().type(), other.value().type());
    } else if (given instanceof ColumnType.Struct struct) {
      return wanted instanceof ColumnType.Struct other && fits(struct.fields(), other.fields());
    } else if (given instanceof ColumnType.Timestamp timestamp) {
      return wanted instanceof ColumnType.Timestamp other
          && timestamp.unit() == other.unit()
          && timestamp.timezone().isPresent() == other.timezone().isPresent();
    }
    return given.equals(wanted);
  }

  private static boolean fits(List<Field> given, List<Field> wanted) {
    if (given.size() != wanted.size()) {
      return false;
    }
    for (int field = 0; field < given.size(); field++) {
      if (!given.get(field).name().equals(wanted.get(field).name())
          || !fits(given.get(field).type(), wanted.get(field).type())) {
        return false;
      }
    }
    return true;
  }
}
