// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimeType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/** Spark's types as those of a stream, and back. */
public final class SparkSchemas {
  private SparkSchemas() {}

  /**
   * The columns of a stream that holds these rows.
   *
   * @param fixedLengths length of the array columns that become {@code fixed_size_list}
   * @param required columns that are declared without nulls, they and their items
   * @throws InvalidRequestException if a column has a type without an equivalent; names it
   */
  public static List<Field> fields(
      StructType schema, Map<String, Integer> fixedLengths, Set<String> required) {
    return Arrays.stream(schema.fields())
        .map(
            column -> {
              Optional<Integer> length = Optional.ofNullable(fixedLengths.get(column.name()));
              boolean nullable = column.nullable() && !required.contains(column.name());
              ColumnType type = type(column.name(), column.dataType());
              if (type instanceof ColumnType.ListOf list) {
                Field item =
                    required.contains(column.name())
                        ? Field.required(list.item().name(), list.item().type())
                        : list.item();
                type =
                    length.isPresent()
                        ? new ColumnType.FixedSizeList(item, length.get())
                        : new ColumnType.ListOf(item);
              }
              return new Field(column.name(), type, nullable);
            })
        .toList();
  }

  /**
   * The type of a stream's column that holds values of this type.
   *
   * @param path the column, for the error
   */
  public static ColumnType type(String path, DataType type) {
    if (type instanceof ArrayType array) {
      return new ColumnType.ListOf(
          new Field("element", type(path + ".element", array.elementType()), array.containsNull()));
    } else if (type instanceof StructType struct) {
      return new ColumnType.Struct(
          Arrays.stream(struct.fields())
              .map(
                  field ->
                      new Field(
                          field.name(),
                          type(path + "." + field.name(), field.dataType()),
                          field.nullable()))
              .toList());
    } else if (type instanceof MapType map) {
      return new ColumnType.MapOf(
          Field.required("key", type(path + ".key", map.keyType())),
          new Field("value", type(path + ".value", map.valueType()), map.valueContainsNull()));
    } else if (type instanceof DecimalType decimal && decimal.scale() >= 0) {
      return new ColumnType.Decimal128(decimal.precision(), decimal.scale());
    }
    if (type instanceof StringType && !type.equals(DataTypes.StringType)) {
      throw new InvalidRequestException(
          "column '"
              + path
              + "' has the type "
              + type.sql()
              + ", and a stream keeps neither lengths nor collations: cast it to STRING");
    }
    return leaf(type)
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "column '"
                        + path
                        + "' has the type "
                        + type.sql()
                        + ", which has no equivalent in Arrow: leave the column out or cast it"));
  }

  private static Optional<ColumnType> leaf(DataType type) {
    ColumnType found = null;
    if (type instanceof BooleanType) {
      found = Simple.BOOL;
    } else if (type instanceof ByteType) {
      found = Simple.INT8;
    } else if (type instanceof ShortType) {
      found = Simple.INT16;
    } else if (type instanceof IntegerType) {
      found = Simple.INT32;
    } else if (type instanceof LongType) {
      found = Simple.INT64;
    } else if (type instanceof FloatType) {
      found = Simple.FLOAT32;
    } else if (type instanceof DoubleType) {
      found = Simple.FLOAT64;
    } else if (type.equals(DataTypes.StringType)) {
      found = Simple.UTF8;
    } else if (type instanceof BinaryType) {
      found = Simple.BINARY;
    } else if (type instanceof NullType) {
      found = Simple.NULL;
    } else if (type instanceof DateType) {
      found = Simple.DATE32;
    } else if (type instanceof TimestampType) {
      found = new ColumnType.Timestamp(ColumnType.Unit.US, Optional.of("UTC"));
    } else if (type instanceof TimestampNTZType) {
      found = new ColumnType.Timestamp(ColumnType.Unit.US, Optional.empty());
    } else if (type instanceof DayTimeIntervalType) {
      found = new ColumnType.Duration(ColumnType.Unit.US);
    } else if (type instanceof TimeType) {
      found = new ColumnType.Time64(ColumnType.Unit.NS);
    } else if (type instanceof YearMonthIntervalType) {
      found = new ColumnType.Interval(ColumnType.IntervalUnit.MONTHS);
    }
    return Optional.ofNullable(found);
  }

  /**
   * These columns as Spark sees them.
   *
   * @throws InvalidRequestException if Spark has no type for one; names it
   */
  public static StructType struct(List<Field> fields) {
    return struct("", fields);
  }

  private static StructType struct(String prefix, List<Field> fields) {
    return new StructType(
        fields.stream().map(field -> structField(prefix, field)).toArray(StructField[]::new));
  }

  private static StructField structField(String prefix, Field field) {
    return new StructField(
        field.name(),
        dataType(prefix + field.name(), field.type()),
        field.nullable(),
        Metadata.empty());
  }

  private static DataType dataType(String path, ColumnType type) {
    if (type instanceof Simple simple) {
      return dataType(simple);
    } else if (type instanceof ColumnType.ListOf list) {
      return arrayType(path, list.item());
    } else if (type instanceof ColumnType.LargeListOf list) {
      return arrayType(path, list.item());
    } else if (type instanceof ColumnType.FixedSizeList list) {
      return arrayType(path, list.item());
    } else if (type instanceof ColumnType.Struct struct) {
      return struct(path + ".", struct.fields());
    } else if (type instanceof ColumnType.MapOf map) {
      return DataTypes.createMapType(
          dataType(path + ".key", map.key().type()),
          dataType(path + ".value", map.value().type()),
          map.value().nullable());
    } else if (type instanceof ColumnType.FixedSizeBinary) {
      return DataTypes.BinaryType;
    } else if (type instanceof ColumnType.Decimal128 decimal) {
      return DataTypes.createDecimalType(decimal.precision(), decimal.scale());
    } else if (type instanceof ColumnType.Timestamp timestamp) {
      return timestamp.timezone().isPresent()
          ? DataTypes.TimestampType
          : DataTypes.TimestampNTZType;
    } else if (type instanceof ColumnType.Time32 || type instanceof ColumnType.Time64) {
      return TimeType.apply(TimeType.MICROS_PRECISION());
    } else if (type instanceof ColumnType.Duration) {
      return DataTypes.createDayTimeIntervalType();
    } else if (type instanceof ColumnType.Interval interval
        && interval.unit() == ColumnType.IntervalUnit.MONTHS) {
      return DataTypes.createYearMonthIntervalType();
    }
    throw new InvalidRequestException(
        "column '" + path + "' of the stream has the type " + type + ", which Spark cannot read");
  }

  private static DataType arrayType(String path, Field item) {
    return DataTypes.createArrayType(
        dataType(path + "." + item.name(), item.type()), item.nullable());
  }

  private static DataType dataType(Simple type) {
    return switch (type) {
      case NULL -> DataTypes.NullType;
      case BOOL -> DataTypes.BooleanType;
      case INT8 -> DataTypes.ByteType;
      case INT16, UINT8 -> DataTypes.ShortType;
      case INT32, UINT16 -> DataTypes.IntegerType;
      case INT64, UINT32 -> DataTypes.LongType;
      case UINT64 -> DataTypes.createDecimalType(20, 0);
      case FLOAT16, FLOAT32 -> DataTypes.FloatType;
      case FLOAT64 -> DataTypes.DoubleType;
      case UTF8, LARGE_UTF8 -> DataTypes.StringType;
      case BINARY, LARGE_BINARY -> DataTypes.BinaryType;
      case DATE32, DATE64 -> DataTypes.DateType;
    };
  }
}
