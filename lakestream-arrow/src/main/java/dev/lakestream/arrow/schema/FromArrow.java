// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.schema;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.ColumnType.Unit;
import dev.lakestream.schema.Field;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Arrow's types as column types, with an error that names the column where there is none. */
final class FromArrow {
  private static final int MAX_PRECISION = 38;

  private final String column;

  private FromArrow(String column) {
    this.column = column;
  }

  static Field field(org.apache.arrow.vector.types.pojo.Field field) {
    return new FromArrow(field.getName()).convert(field);
  }

  private Field convert(org.apache.arrow.vector.types.pojo.Field field) {
    if (field.getDictionary() != null) {
      throw refuse(field, "it is dictionary-encoded: decode it first");
    }
    if (field.getType() instanceof ArrowType.ExtensionType) {
      throw refuse(
          field, "extension types have no place in a stream's schema: use the storage type");
    }
    return new Field(field.getName(), type(field), field.isNullable());
  }

  private ColumnType type(org.apache.arrow.vector.types.pojo.Field field) {
    ArrowType type = field.getType();
    return switch (type.getTypeID()) {
      case Null -> Simple.NULL;
      case Bool -> Simple.BOOL;
      case Int -> integer((ArrowType.Int) type);
      case FloatingPoint -> floating((ArrowType.FloatingPoint) type);
      case Utf8 -> Simple.UTF8;
      case LargeUtf8 -> Simple.LARGE_UTF8;
      case Binary -> Simple.BINARY;
      case LargeBinary -> Simple.LARGE_BINARY;
      case FixedSizeBinary ->
          new ColumnType.FixedSizeBinary(
              positive(field, ((ArrowType.FixedSizeBinary) type).getByteWidth()));
      case Decimal -> decimal(field, (ArrowType.Decimal) type);
      case Date ->
          ((ArrowType.Date) type).getUnit() == DateUnit.DAY ? Simple.DATE32 : Simple.DATE64;
      case Time -> time((ArrowType.Time) type);
      case Timestamp -> timestamp((ArrowType.Timestamp) type);
      case Duration -> new ColumnType.Duration(unit(((ArrowType.Duration) type).getUnit()));
      case Interval -> new ColumnType.Interval(interval((ArrowType.Interval) type));
      default -> nested(field);
    };
  }

  private ColumnType nested(org.apache.arrow.vector.types.pojo.Field field) {
    List<Field> children = field.getChildren().stream().map(this::convert).toList();
    return switch (field.getType().getTypeID()) {
      case List -> new ColumnType.ListOf(only(field, children));
      case LargeList -> new ColumnType.LargeListOf(only(field, children));
      case FixedSizeList ->
          new ColumnType.FixedSizeList(
              only(field, children),
              positive(field, ((ArrowType.FixedSizeList) field.getType()).getListSize()));
      case Struct -> new ColumnType.Struct(children);
      case Map -> map(field, only(field, children));
      default ->
          throw refuse(field, "its type " + field.getType() + " has no place in a stream's schema");
    };
  }

  private ColumnType map(org.apache.arrow.vector.types.pojo.Field field, Field entries) {
    if (entries.type() instanceof ColumnType.Struct struct && struct.fields().size() == 2) {
      return new ColumnType.MapOf(struct.fields().get(0), struct.fields().get(1));
    }
    throw refuse(field, "a map needs entries of a key and a value");
  }

  private ColumnType decimal(
      org.apache.arrow.vector.types.pojo.Field field, ArrowType.Decimal type) {
    int precision = type.getPrecision();
    int scale = type.getScale();
    boolean fits =
        type.getBitWidth() == 128
            && precision >= 1
            && precision <= MAX_PRECISION
            && scale >= 0
            && scale <= precision;
    if (!fits) {
      throw refuse(
          field,
          "its type " + type + " is none of decimal128 with a scale from 0 to its precision");
    }
    return new ColumnType.Decimal128(precision, scale);
  }

  private Field only(org.apache.arrow.vector.types.pojo.Field field, List<Field> children) {
    if (children.size() != 1) {
      throw refuse(field, "it has " + children.size() + " children instead of one");
    }
    return children.get(0);
  }

  private int positive(org.apache.arrow.vector.types.pojo.Field field, int size) {
    if (size < 1) {
      throw refuse(field, "its size is " + size);
    }
    return size;
  }

  private InvalidRequestException refuse(
      org.apache.arrow.vector.types.pojo.Field field, String why) {
    String where =
        field.getName().equals(column)
            ? "column '" + column + "'"
            : "'" + field.getName() + "' in column '" + column + "'";
    return new InvalidRequestException(where + ": " + why);
  }

  private static ColumnType integer(ArrowType.Int type) {
    return switch (type.getBitWidth()) {
      case 8 -> type.getIsSigned() ? Simple.INT8 : Simple.UINT8;
      case 16 -> type.getIsSigned() ? Simple.INT16 : Simple.UINT16;
      case 32 -> type.getIsSigned() ? Simple.INT32 : Simple.UINT32;
      default -> type.getIsSigned() ? Simple.INT64 : Simple.UINT64;
    };
  }

  private static ColumnType floating(ArrowType.FloatingPoint type) {
    return switch (type.getPrecision()) {
      case HALF -> Simple.FLOAT16;
      case SINGLE -> Simple.FLOAT32;
      case DOUBLE -> Simple.FLOAT64;
    };
  }

  private static ColumnType time(ArrowType.Time type) {
    return type.getBitWidth() == 32
        ? new ColumnType.Time32(unit(type.getUnit()))
        : new ColumnType.Time64(unit(type.getUnit()));
  }

  private static ColumnType timestamp(ArrowType.Timestamp type) {
    Optional<String> zone = Optional.ofNullable(type.getTimezone()).filter(name -> !name.isEmpty());
    return new ColumnType.Timestamp(unit(type.getUnit()), zone);
  }

  private static Unit unit(TimeUnit unit) {
    return switch (unit) {
      case SECOND -> Unit.S;
      case MILLISECOND -> Unit.MS;
      case MICROSECOND -> Unit.US;
      case NANOSECOND -> Unit.NS;
    };
  }

  private static ColumnType.IntervalUnit interval(ArrowType.Interval type) {
    return switch (type.getUnit()) {
      case YEAR_MONTH -> ColumnType.IntervalUnit.MONTHS;
      case DAY_TIME -> ColumnType.IntervalUnit.DAY_TIME;
      case MONTH_DAY_NANO -> ColumnType.IntervalUnit.MONTH_DAY_NANO;
    };
  }
}
