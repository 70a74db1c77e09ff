// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.schema;

import dev.lakestream.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads {@link SchemaText}, by recursive descent. */
final class SchemaTextParser {
  private static final int MAX_DEPTH = 16;

  private final String text;
  private int position;
  private int depth;

  SchemaTextParser(String text) {
    this.text = text;
  }

  List<Field> fields() {
    List<Field> fields = new ArrayList<>();
    do {
      String name = name();
      expect(':');
      fields.add(field(name));
    } while (accept(','));
    return fields;
  }

  void expectEnd() {
    skipSpace();
    if (position < text.length()) {
      throw wrong("the end or ',' is expected");
    }
  }

  private Field field(String name) {
    ColumnType type = type();
    return new Field(name, type, accept('?'));
  }

  private ColumnType type() {
    if (++depth > MAX_DEPTH) {
      throw wrong("types nest deeper than " + MAX_DEPTH);
    }
    String name = word();
    ColumnType type = type(name);
    depth--;
    return type;
  }

  private ColumnType type(String name) {
    for (ColumnType.Simple simple : ColumnType.Simple.values()) {
      if (simple.label().equals(name)) {
        return simple;
      }
    }
    return switch (name) {
      case "list" -> new ColumnType.ListOf(item());
      case "large_list" -> new ColumnType.LargeListOf(item());
      case "fixed_size_list" -> {
        Field item = item();
        expect('[');
        int size = number(1, Integer.MAX_VALUE);
        expect(']');
        yield new ColumnType.FixedSizeList(item, size);
      }
      case "struct" -> {
        expect('<');
        List<Field> fields = fields();
        expect('>');
        yield new ColumnType.Struct(fields);
      }
      case "map" -> {
        expect('<');
        Field key = field("key");
        expect(',');
        Field value = field("value");
        expect('>');
        yield new ColumnType.MapOf(key, value);
      }
      default -> withParameters(name);
    };
  }

  private ColumnType withParameters(String name) {
    if (!List.of(
            "fixed_size_binary",
            "decimal128",
            "timestamp",
            "time32",
            "time64",
            "duration",
            "interval")
        .contains(name)) {
      throw wrong("'" + name + "' is no type");
    }
    expect('(');
    ColumnType type =
        switch (name) {
          case "fixed_size_binary" -> new ColumnType.FixedSizeBinary(number(1, Integer.MAX_VALUE));
          case "decimal128" -> {
            int precision = number(1, 38);
            expect(',');
            yield new ColumnType.Decimal128(precision, number(0, precision));
          }
          case "timestamp" -> {
            ColumnType.Unit unit = unit(ColumnType.Unit.values());
            yield new ColumnType.Timestamp(
                unit, accept(',') ? Optional.of(timezone()) : Optional.empty());
          }
          case "time32" -> new ColumnType.Time32(unit(ColumnType.Unit.S, ColumnType.Unit.MS));
          case "time64" -> new ColumnType.Time64(unit(ColumnType.Unit.US, ColumnType.Unit.NS));
          case "duration" -> new ColumnType.Duration(unit(ColumnType.Unit.values()));
          default -> new ColumnType.Interval(intervalUnit());
        };
    expect(')');
    return type;
  }

  private Field item() {
    expect('<');
    Field item = field("item");
    expect('>');
    return item;
  }

  private ColumnType.Unit unit(ColumnType.Unit... allowed) {
    String label = word();
    return Arrays.stream(allowed)
        .filter(unit -> unit.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                wrong(
                    "'"
                        + label
                        + "' is no unit here; "
                        + Arrays.stream(allowed)
                            .map(ColumnType.Unit::label)
                            .collect(Collectors.joining(", "))
                        + " are"));
  }

  private ColumnType.IntervalUnit intervalUnit() {
    String label = word();
    return Arrays.stream(ColumnType.IntervalUnit.values())
        .filter(unit -> unit.label().equals(label))
        .findFirst()
        .orElseThrow(() -> wrong("'" + label + "' is no unit of an interval"));
  }

  private String timezone() {
    skipSpace();
    int end = text.indexOf(')', position);
    if (end < 0) {
      throw wrong("')' is expected");
    }
    String zone = text.substring(position, end).trim();
    position = end;
    return zone;
  }

  private String name() {
    skipSpace();
    if (position < text.length() && text.charAt(position) == '`') {
      int end = text.indexOf('`', position + 1);
      if (end < 0) {
        throw wrong("the closing ` is missing");
      }
      String name = text.substring(position + 1, end);
      position = end + 1;
      return name;
    }
    return word();
  }

  private String word() {
    skipSpace();
    int begin = position;
    while (position < text.length()
        && (Character.isLetterOrDigit(text.charAt(position)) || text.charAt(position) == '_')) {
      position++;
    }
    if (begin == position) {
      throw wrong("a name is expected");
    }
    return text.substring(begin, position);
  }

  private int number(int min, int max) {
    String digits = word();
    try {
      int number = Integer.parseInt(digits);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Falls through to the same error: the text is no number in the range.
    }
    throw wrong("'" + digits + "' is no number from " + min + " to " + max);
  }

  private void expect(char wanted) {
    if (!accept(wanted)) {
      throw wrong("'" + wanted + "' is expected");
    }
  }

  private boolean accept(char wanted) {
    skipSpace();
    if (position < text.length() && text.charAt(position) == wanted) {
      position++;
      return true;
    }
    return false;
  }

  private void skipSpace() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
  }

  private InvalidRequestException wrong(String what) {
    int from = Math.max(0, position - 20);
    return new InvalidRequestException(
        "the schema is not understood at character "
            + (position + 1)
            + ", after '"
            + text.substring(from, Math.min(position, text.length()))
            + "': "
            + what);
  }
}
