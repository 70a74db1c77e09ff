// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.meta;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** The rows of a table, some at a time. Not thread-safe. */
abstract class LogRows {
  private final Queue<InternalRow> ready = new ArrayDeque<>();

  /** The next row, or empty after the last one. */
  final Optional<InternalRow> next() throws IOException {
    while (ready.isEmpty()) {
      if (!readMore()) {
        return Optional.empty();
      }
    }
    return Optional.of(ready.remove());
  }

  /**
   * Reads what comes next, which may be no row.
   *
   * @return false if nothing comes any more
   */
  abstract boolean readMore() throws IOException;

  /** Has a row ready, its values as Spark holds them inside. */
  final void row(@Nullable Object... values) {
    ready.add(new GenericInternalRow(values));
  }

  static long micros(long millis) {
    return Math.multiplyExact(millis, 1_000L);
  }

  static UTF8String text(Object value) {
    return UTF8String.fromString(value.toString());
  }

  static GenericArrayData texts(List<String> values) {
    return new GenericArrayData(values.stream().map(LogRows::text).toArray());
  }

  /** A map whose values are numbers or texts. */
  static ArrayBasedMapData map(Map<String, ?> values) {
    return new ArrayBasedMapData(
        new GenericArrayData(values.keySet().stream().map(LogRows::text).toArray()),
        new GenericArrayData(
            values.values().stream()
                .map(value -> value instanceof Long ? value : text(value))
                .toArray()));
  }
}
