// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.schema;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/** The type of a column, one of Arrow's without dictionaries ({@code docs/format.md} §3.1). */
public sealed interface ColumnType extends Serializable {
  /** Types without parameters, by the name that the log gives them. */
  enum Simple implements ColumnType {
    NULL(0),
    BOOL(0),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    UINT8(1),
    UINT16(2),
    UINT32(4),
    UINT64(8),
    FLOAT16(2),
    FLOAT32(4),
    FLOAT64(8),
    UTF8(0),
    LARGE_UTF8(0),
    BINARY(0),
    LARGE_BINARY(0),
    DATE32(4),
    DATE64(8);

    private final int width;

    Simple(int width) {
      this.width = width;
    }

    /** The name in the log. */
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public int width() {
      return width;
    }
  }

  /** Units of time. */
  enum Unit {
    S,
    MS,
    US,
    NS;

    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Units of an interval. */
  enum IntervalUnit {
    MONTHS(4),
    DAY_TIME(8),
    MONTH_DAY_NANO(16);

    private final int width;

    IntervalUnit(int width) {
      this.width = width;
    }

    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  record FixedSizeBinary(int bytes) implements ColumnType {
    @Override
    public int width() {
      return bytes;
    }
  }

  record Decimal128(int precision, int scale) implements ColumnType {
    @Override
    public int width() {
      return 16;
    }
  }

  record Timestamp(Unit unit, Optional<String> timezone) implements ColumnType {
    @Override
    public int width() {
      return 8;
    }

    // Optional is not serializable, the log's label is.
    private Object writeReplace() {
      return new TimestampForm(unit, timezone.orElse(""));
    }
  }

  record Time32(Unit unit) implements ColumnType {
    @Override
    public int width() {
      return 4;
    }
  }

  record Time64(Unit unit) implements ColumnType {
    @Override
    public int width() {
      return 8;
    }
  }

  record Duration(Unit unit) implements ColumnType {
    @Override
    public int width() {
      return 8;
    }
  }

  record Interval(IntervalUnit unit) implements ColumnType {
    @Override
    public int width() {
      return unit.width;
    }
  }

  record ListOf(Field item) implements ColumnType {}

  record LargeListOf(Field item) implements ColumnType {}

  record FixedSizeList(Field item, int size) implements ColumnType {}

  record Struct(List<Field> fields) implements ColumnType {
    public Struct {
      fields = List.copyOf(fields);
    }
  }

  record MapOf(Field key, Field value) implements ColumnType {}

  /** Bytes of one value, or 0 if that is no fixed number of whole bytes. */
  default int width() {
    return 0;
  }
}
