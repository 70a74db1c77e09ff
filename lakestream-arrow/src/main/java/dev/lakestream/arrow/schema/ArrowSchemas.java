// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.schema;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.SchemaText;
import dev.lakestream.schema.StreamSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.types.pojo.Schema;

/** Schemas of a stream as Arrow's, and Arrow's as those of a stream. */
public final class ArrowSchemas {
  private ArrowSchemas() {}

  /** The Arrow schema of cells: same names, types, nullability and order. */
  public static Schema toArrow(StreamSchema schema) {
    return new Schema(schema.fields().stream().map(ArrowSchemas::toArrow).toList());
  }

  /** One column as Arrow's. */
  public static org.apache.arrow.vector.types.pojo.Field toArrow(Field field) {
    return ToArrow.field(field);
  }

  /**
   * The columns of an Arrow schema.
   *
   * @throws InvalidRequestException if a type has no place in a stream; names the column
   */
  public static List<Field> fromArrow(Schema schema) {
    return schema.getFields().stream().map(FromArrow::field).toList();
  }

  /**
   * The schema after sequences were divided into equal parts: {@code fixed_size_list} sequence
   * columns have size / parts values ({@code docs/format.md} §9.4), all others stay.
   *
   * @throws InvalidRequestException if parts do not divide a size; names the column
   */
  public static StreamSchema divided(StreamSchema schema, int parts) {
    if (parts == 1) {
      return schema;
    }
    List<Field> fields = new ArrayList<>();
    for (Field field : schema.fields()) {
      boolean divides =
          schema.sequence().contains(field.name())
              && field.type() instanceof ColumnType.FixedSizeList;
      fields.add(divides ? divided(field, parts) : field);
    }
    return new StreamSchema(schema.id(), fields, schema.sequence(), schema.boundaries());
  }

  private static Field divided(Field field, int parts) {
    ColumnType.FixedSizeList list = (ColumnType.FixedSizeList) field.type();
    if (list.size() % parts != 0) {
      throw new InvalidRequestException(
          "the sequence column '"
              + field.name()
              + "' has "
              + list.size()
              + " values in each row, which "
              + parts
              + " parts do not divide");
    }
    return new Field(
        field.name(),
        new ColumnType.FixedSizeList(list.item(), list.size() / parts),
        field.nullable());
  }

  /**
   * Why vectors of this schema are no cell of these columns, or empty. Names of columns and struct
   * fields, types and order must be the same; names of list items and declared nullability need
   * not, since the values decide.
   */
  public static Optional<String> problemOfFit(List<Field> columns, Schema vectors) {
    List<Field> found = fromArrow(vectors);
    if (found.size() != columns.size()) {
      return Optional.of("it has " + found.size() + " columns, " + columns.size() + " are wanted");
    }
    for (int column = 0; column < columns.size(); column++) {
      Field wanted = columns.get(column);
      Field given = found.get(column);
      if (!given.name().equals(wanted.name())) {
        return Optional.of(
            "column " + column + " is '" + given.name() + "', '" + wanted.name() + "' is wanted");
      }
      if (!isAlike(wanted.type(), given.type())) {
        return Optional.of(
            "column '"
                + wanted.name()
                + "' is "
                + SchemaText.display(given)
                + ", "
                + SchemaText.display(wanted)
                + " is wanted");
      }
    }
    return Optional.empty();
  }

  private static boolean isAlike(ColumnType wanted, ColumnType given) {
    if (wanted instanceof ColumnType.ListOf a && given instanceof ColumnType.ListOf b) {
      return isAlike(a.item().type(), b.item().type());
    } else if (wanted instanceof ColumnType.LargeListOf a
        && given instanceof ColumnType.LargeListOf b) {
      return isAlike(a.item().type(), b.item().type());
    } else if (wanted instanceof ColumnType.FixedSizeList a
        && given instanceof ColumnType.FixedSizeList b) {
      return a.size() == b.size() && isAlike(a.item().type(), b.item().type());
    } else if (wanted instanceof ColumnType.MapOf a && given instanceof ColumnType.MapOf b) {
      return isAlike(a.key().type(), b.key().type()) && isAlike(a.value().type(), b.value().type());
    } else if (wanted instanceof ColumnType.Struct a && given instanceof ColumnType.Struct b) {
      return areAlike(a.fields(), b.fields());
    }
    return wanted.equals(given);
  }

  private static boolean areAlike(List<Field> wanted, List<Field> given) {
    if (wanted.size() != given.size()) {
      return false;
    }
    for (int field = 0; field < wanted.size(); field++) {
      if (!wanted.get(field).name().equals(given.get(field).name())
          || !isAlike(wanted.get(field).type(), given.get(field).type())) {
        return false;
      }
    }
    return true;
  }
}
