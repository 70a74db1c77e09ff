// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Schemas as people write them: {@code tokens: fixed_size_list<int32>[2048], label: int8?}.
 *
 * <p>A {@code ?} after a type makes it nullable. Types are those of {@code docs/format.md} §3.1:
 * the plain ones by name, {@code list<T>}, {@code large_list<T>}, {@code fixed_size_list<T>[n]},
 * {@code struct<a: T, b: T>}, {@code map<K, V>}, {@code fixed_size_binary(n)}, {@code decimal128(p,
 * s)}, {@code timestamp(us)} or {@code timestamp(us, UTC)}, {@code time32(ms)}, {@code time64(us)},
 * {@code duration(us)}, {@code interval(months)}.
 */
public final class SchemaText {
  private SchemaText() {}

  /**
   * Reads columns.
   *
   * @throws dev.lakestream.error.InvalidRequestException that says where the text goes wrong
   */
  public static List<Field> parse(String text) {
    SchemaTextParser parser = new SchemaTextParser(text);
    List<Field> fields = parser.fields();
    parser.expectEnd();
    return fields;
  }

  /** The columns as {@link #parse} reads them. */
  public static String display(List<Field> fields) {
    return fields.stream().map(SchemaText::display).collect(Collectors.joining(", "));
  }

  /** A column with its type. */
  public static String display(Field field) {
    return name(field.name()) + ": " + typeOf(field);
  }

  /** The type of a field, with its {@code ?}. */
  public static String typeOf(Field field) {
    return display(field.type()) + (field.nullable() ? "?" : "");
  }

  private static String display(ColumnType type) {
    if (type instanceof ColumnType.Simple simple) {
      return simple.label();
    } else if (type instanceof ColumnType.FixedSizeList list) {
      return "fixed_size_list<" + typeOf(list.item()) + ">[" + list.size() + "]";
    } else if (type instanceof ColumnType.ListOf list) {
      return "list<" + typeOf(list.item()) + ">";
    } else if (type instanceof ColumnType.LargeListOf list) {
      return "large_list<" + typeOf(list.item()) + ">";
    } else if (type instanceof ColumnType.MapOf map) {
      return "map<" + typeOf(map.key()) + ", " + typeOf(map.value()) + ">";
    } else if (type instanceof ColumnType.Struct struct) {
      return "struct<" + display(struct.fields()) + ">";
    }
    return displayParameters(type);
  }

  private static String displayParameters(ColumnType type) {
    List<String> parameters = new ArrayList<>();
    String name = type.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    if (type instanceof ColumnType.FixedSizeBinary binary) {
      name = "fixed_size_binary";
      parameters.add(Integer.toString(binary.bytes()));
    } else if (type instanceof ColumnType.Decimal128 decimal) {
      parameters.add(Integer.toString(decimal.precision()));
      parameters.add(Integer.toString(decimal.scale()));
    } else if (type instanceof ColumnType.Timestamp timestamp) {
      parameters.add(timestamp.unit().label());
      timestamp.timezone().ifPresent(parameters::add);
    } else if (type instanceof ColumnType.Time32 time) {
      parameters.add(time.unit().label());
    } else if (type instanceof ColumnType.Time64 time) {
      parameters.add(time.unit().label());
    } else if (type instanceof ColumnType.Duration duration) {
      parameters.add(duration.unit().label());
    } else if (type instanceof ColumnType.Interval interval) {
      parameters.add(interval.unit().label());
    }
    return name + "(" + String.join(", ", parameters) + ")";
  }

  private static String name(String name) {
    return name.matches("[A-Za-z_][A-Za-z0-9_]*") ? name : "`" + name + "`";
  }
}
