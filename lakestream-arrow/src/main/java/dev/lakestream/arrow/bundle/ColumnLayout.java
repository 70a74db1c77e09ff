// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import java.util.List;

/**
 * What a column contributes to a record batch: a node and buffers of its own, then those of its
 * children, depth first.
 *
 * @param path names from the column down, for errors
 * @param width bytes of a value ({@code FIXED}) or of an offset ({@code VARIABLE}, {@code LIST}),
 *     values of a list ({@code FIXED_LIST})
 * @param filled whether it can't have nulls: neither it nor what it is part of is nullable
 * @param nodes its own and those of its children
 * @param buffers its own and those of its children
 */
record ColumnLayout(
    String path,
    Kind kind,
    int width,
    boolean filled,
    List<ColumnLayout> children,
    int nodes,
    int buffers) {
  /** Types with the same buffers. */
  enum Kind {
    NULL(0),
    BITS(2),
    FIXED(2),
    VARIABLE(3),
    LIST(2),
    FIXED_LIST(1),
    STRUCT(1);

    private final int buffers;

    Kind(int buffers) {
      this.buffers = buffers;
    }
  }

  static ColumnLayout of(Field column) {
    return of(column.name(), column, true);
  }

  private static ColumnLayout of(String path, Field field, boolean parentFilled) {
    boolean filled = parentFilled && !field.nullable();
    ColumnType type = field.type();
    if (type instanceof ColumnType.ListOf list) {
      return nested(path, Kind.LIST, 4, filled, List.of(list.item()));
    } else if (type instanceof ColumnType.LargeListOf list) {
      return nested(path, Kind.LIST, 8, filled, List.of(list.item()));
    } else if (type instanceof ColumnType.FixedSizeList list) {
      return nested(path, Kind.FIXED_LIST, list.size(), filled, List.of(list.item()));
    } else if (type instanceof ColumnType.Struct struct) {
      return nested(path, Kind.STRUCT, 0, filled, struct.fields());
    } else if (type instanceof ColumnType.MapOf map) {
      ColumnType entries = new ColumnType.Struct(List.of(map.key(), map.value()));
      return nested(path, Kind.LIST, 4, filled, List.of(Field.required("entries", entries)));
    } else if (type == Simple.NULL) {
      return leaf(path, Kind.NULL, 0, false);
    } else if (type == Simple.BOOL) {
      return leaf(path, Kind.BITS, 0, filled);
    } else if (type == Simple.UTF8 || type == Simple.BINARY) {
      return leaf(path, Kind.VARIABLE, 4, filled);
    } else if (type == Simple.LARGE_UTF8 || type == Simple.LARGE_BINARY) {
      return leaf(path, Kind.VARIABLE, 8, filled);
    }
    return leaf(path, Kind.FIXED, type.width(), filled);
  }

  private static ColumnLayout leaf(String path, Kind kind, int width, boolean filled) {
    return new ColumnLayout(path, kind, width, filled, List.of(), 1, kind.buffers);
  }

  private static ColumnLayout nested(
      String path, Kind kind, int width, boolean filled, List<Field> fields) {
    List<ColumnLayout> children =
        fields.stream().map(field -> of(path + "." + field.name(), field, filled)).toList();
    return new ColumnLayout(
        path,
        kind,
        width,
        filled,
        children,
        1 + children.stream().mapToInt(ColumnLayout::nodes).sum(),
        kind.buffers + children.stream().mapToInt(ColumnLayout::buffers).sum());
  }

  /** Buffers of its own. */
  int ownBuffers() {
    return kind.buffers;
  }
}
