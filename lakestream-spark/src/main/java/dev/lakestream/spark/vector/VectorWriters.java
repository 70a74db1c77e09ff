// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import org.apache.arrow.memory.BufferAllocator;

/** The writer for a column. */
final class VectorWriters {
  private VectorWriters() {}

  /**
   * The writer for a column of the stream, or a part of one.
   *
   * @param path its name, for errors
   */
  static VectorWriter of(String path, Field field, BufferAllocator allocator) {
    ColumnType type = field.type();
    boolean nullable = field.nullable();
    if (type instanceof Simple simple) {
      return simple(path, simple, nullable, allocator);
    } else if (type instanceof ColumnType.FixedSizeList list) {
      return new FixedSizeListWriter(
          path, nullable, allocator, list.size(), part(path, list.item(), allocator));
    } else if (type instanceof ColumnType.ListOf list) {
      return new ListWriter(path, nullable, allocator, part(path, list.item(), allocator));
    } else if (type instanceof ColumnType.Struct struct) {
      return new StructWriter(
          path,
          nullable,
          allocator,
          struct.fields().stream().map(inner -> part(path, inner, allocator)).toList());
    } else if (type instanceof ColumnType.MapOf map) {
      return new MapWriter(
          path,
          nullable,
          allocator,
          part(path, map.key(), allocator),
          part(path, map.value(), allocator));
    } else if (type instanceof ColumnType.Decimal128 decimal) {
      return FixedWidthWriter.decimals(
          path, nullable, allocator, decimal.precision(), decimal.scale());
    } else if (type instanceof ColumnType.Timestamp
        || type instanceof ColumnType.Time64
        || type instanceof ColumnType.Duration) {
      return FixedWidthWriter.longs(path, nullable, allocator);
    } else if (type instanceof ColumnType.Interval) {
      return FixedWidthWriter.ints(path, nullable, allocator);
    }
    throw new IllegalStateException("no writer for column " + path + " of type " + type);
  }

  private static VectorWriter part(String path, Field field, BufferAllocator allocator) {
    return of(path + "." + field.name(), field, allocator);
  }

  private static VectorWriter simple(
      String path, Simple type, boolean nullable, BufferAllocator allocator) {
    return switch (type) {
      case NULL -> new NullWriter(path, allocator);
      case BOOL -> new BitWriter(path, nullable, allocator);
      case INT8 -> FixedWidthWriter.bytes(path, nullable, allocator);
      case INT16 -> FixedWidthWriter.shorts(path, nullable, allocator);
      case INT32, DATE32 -> FixedWidthWriter.ints(path, nullable, allocator);
      case INT64 -> FixedWidthWriter.longs(path, nullable, allocator);
      case FLOAT32 -> FixedWidthWriter.floats(path, nullable, allocator);
      case FLOAT64 -> FixedWidthWriter.doubles(path, nullable, allocator);
      case UTF8 -> new VarWidthWriter(path, nullable, allocator, false);
      case BINARY -> new VarWidthWriter(path, nullable, allocator, true);
      default ->
          throw new IllegalStateException("no writer for column " + path + " of type " + type);
    };
  }
}
