// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Rows as plain values that can be compared. */
public final class Rows {
  private Rows() {}

  /** All rows, column by column in each. */
  public static List<List<Object>> of(VectorSchemaRoot root) {
    return of(root, 0, root.getRowCount());
  }

  public static List<List<Object>> of(VectorSchemaRoot root, int from, int to) {
    List<List<Object>> rows = new ArrayList<>();
    for (int row = from; row < to; row++) {
      List<Object> values = new ArrayList<>();
      for (FieldVector vector : root.getFieldVectors()) {
        values.add(plain(vector.getObject(row)));
      }
      rows.add(values);
    }
    return rows;
  }

  private static Object plain(Object value) {
    if (value == null) {
      return Optional.empty();
    } else if (value instanceof byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    } else if (value instanceof List<?> list) {
      return list.stream().map(Rows::plain).toList();
    } else if (value instanceof Object[] array) {
      return Arrays.stream(array).map(Rows::plain).toList();
    } else if (value instanceof Map<?, ?> map) {
      List<Object> members = new ArrayList<>();
      map.forEach((name, member) -> members.add(List.of(name, plain(member))));
      return members;
    }
    return value.toString();
  }
}
