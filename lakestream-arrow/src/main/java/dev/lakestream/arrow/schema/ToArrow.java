// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.schema;

import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import java.util.List;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.FieldType;

/** Column types as Arrow's. */
final class ToArrow {
  private ToArrow() {}

  static org.apache.arrow.vector.types.pojo.Field field(Field field) {
    return new org.apache.arrow.vector.types.pojo.Field(
        field.name(),
        new FieldType(field.nullable(), type(field.type()), null),
        children(field.type()));
  }

  private static List<org.apache.arrow.vector.types.pojo.Field> children(ColumnType type) {
    if (type instanceof ColumnType.ListOf list) {
      return List.of(field(list.item()));
    } else if (type instanceof ColumnType.LargeListOf list) {
      return List.of(field(list.item()));
    } else if (type instanceof ColumnType.FixedSizeList list) {
      return List.of(field(list.item()));
    } else if (type instanceof ColumnType.Struct struct) {
      return struct.fields().stream().map(ToArrow::field).toList();
    } else if (type instanceof ColumnType.MapOf map) {
      return List.of(
          new org.apache.arrow.vector.types.pojo.Field(
              MapVector.DATA_VECTOR_NAME,
              new FieldType(false, ArrowType.Struct.INSTANCE, null),
              List.of(field(map.key()), field(map.value()))));
    }
    return List.of();
  }

  private static ArrowType type(ColumnType type) {
    if (type instanceof ColumnType.Simple simple) {
      return simple(simple);
    } else if (type instanceof ColumnType.FixedSizeBinary binary) {
      return new ArrowType.FixedSizeBinary(binary.bytes());
    } else if (type instanceof ColumnType.Decimal128 decimal) {
      return new ArrowType.Decimal(decimal.precision(), decimal.scale(), 128);
    } else if (type instanceof ColumnType.Timestamp timestamp) {
      return new ArrowType.Timestamp(unit(timestamp.unit()), timestamp.timezone().orElse(null));
    } else if (type instanceof ColumnType.Time32 time) {
      return new ArrowType.Time(unit(time.unit()), 32);
    } else if (type instanceof ColumnType.Time64 time) {
      return new ArrowType.Time(unit(time.unit()), 64);
    } else if (type instanceof ColumnType.Duration duration) {
      return new ArrowType.Duration(unit(duration.unit()));
    } else if (type instanceof ColumnType.Interval interval) {
      return new ArrowType.Interval(unit(interval.unit()));
    }
    return nested(type);
  }

  private static ArrowType nested(ColumnType type) {
    if (type instanceof ColumnType.ListOf) {
      return ArrowType.List.INSTANCE;
    } else if (type instanceof ColumnType.LargeListOf) {
      return ArrowType.LargeList.INSTANCE;
    } else if (type instanceof ColumnType.FixedSizeList list) {
      return new ArrowType.FixedSizeList(list.size());
    } else if (type instanceof ColumnType.Struct) {
      return ArrowType.Struct.INSTANCE;
    } else if (type instanceof ColumnType.MapOf) {
      return new ArrowType.Map(false);
    }
    throw new IllegalStateException("a type without a counterpart in Arrow: " + type);
  }

  private static ArrowType simple(ColumnType.Simple type) {
    return switch (type) {
      case NULL -> ArrowType.Null.INSTANCE;
      case BOOL -> ArrowType.Bool.INSTANCE;
      case INT8, INT16, INT32, INT64 -> new ArrowType.Int(8 * type.width(), true);
      case UINT8, UINT16, UINT32, UINT64 -> new ArrowType.Int(8 * type.width(), false);
      case FLOAT16 -> new ArrowType.FloatingPoint(FloatingPointPrecision.HALF);
      case FLOAT32 -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
      case FLOAT64 -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
      case UTF8 -> ArrowType.Utf8.INSTANCE;
      case LARGE_UTF8 -> ArrowType.LargeUtf8.INSTANCE;
      case BINARY -> ArrowType.Binary.INSTANCE;
      case LARGE_BINARY -> ArrowType.LargeBinary.INSTANCE;
      case DATE32 -> new ArrowType.Date(DateUnit.DAY);
      case DATE64 -> new ArrowType.Date(DateUnit.MILLISECOND);
    };
  }

  private static TimeUnit unit(ColumnType.Unit unit) {
    return switch (unit) {
      case S -> TimeUnit.SECOND;
      case MS -> TimeUnit.MILLISECOND;
      case US -> TimeUnit.MICROSECOND;
      case NS -> TimeUnit.NANOSECOND;
    };
  }

  private static IntervalUnit unit(ColumnType.IntervalUnit unit) {
    return switch (unit) {
      case MONTHS -> IntervalUnit.YEAR_MONTH;
      case DAY_TIME -> IntervalUnit.DAY_TIME;
      case MONTH_DAY_NANO -> IntervalUnit.MONTH_DAY_NANO;
    };
  }
}
