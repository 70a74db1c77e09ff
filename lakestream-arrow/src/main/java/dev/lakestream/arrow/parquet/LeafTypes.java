// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import dev.lakestream.arrow.parquet.LeafType.Form;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import org.apache.parquet.format.DateType;
import org.apache.parquet.format.DecimalType;
import org.apache.parquet.format.Float16Type;
import org.apache.parquet.format.IntType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.MicroSeconds;
import org.apache.parquet.format.MilliSeconds;
import org.apache.parquet.format.NanoSeconds;
import org.apache.parquet.format.NullType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.TimeType;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.format.TimestampType;
import org.apache.parquet.format.Type;

/** Which type of Parquet holds the values of a type without children. */
final class LeafTypes {
  private LeafTypes() {}

  /**
   * The type, which is noted in the schema's element as well.
   *
   * @param path of the column, for the error
   */
  static LeafType of(String path, ColumnType type, SchemaElement element) {
    LeafType leaf = leaf(path, type, element);
    element.setType(leaf.physical());
    if (leaf.physical() == Type.FIXED_LEN_BYTE_ARRAY) {
      element.setType_length(leaf.length());
    }
    return leaf;
  }

  private static LeafType leaf(String path, ColumnType type, SchemaElement element) {
    if (type instanceof Simple simple) {
      return simple(simple, element);
    } else if (type instanceof ColumnType.FixedSizeBinary binary) {
      return LeafType.fixed(Form.SAME, binary.bytes());
    } else if (type instanceof ColumnType.Decimal128 decimal) {
      element.setLogicalType(
          LogicalType.DECIMAL(new DecimalType(decimal.scale(), decimal.precision())));
      return LeafType.fixed(Form.REVERSED, decimal.width());
    } else if (type instanceof ColumnType.Timestamp timestamp) {
      if (timestamp.unit() != ColumnType.Unit.S) {
        boolean utc = timestamp.timezone().isPresent();
        element.setLogicalType(
            LogicalType.TIMESTAMP(new TimestampType(utc, unit(timestamp.unit()))));
      }
      return LeafType.same(Type.INT64, Long.BYTES);
    } else if (type instanceof ColumnType.Time32 time) {
      if (time.unit() != ColumnType.Unit.S) {
        element.setLogicalType(LogicalType.TIME(new TimeType(false, unit(time.unit()))));
      }
      return LeafType.same(Type.INT32, Integer.BYTES);
    } else if (type instanceof ColumnType.Time64 time) {
      element.setLogicalType(LogicalType.TIME(new TimeType(false, unit(time.unit()))));
      return LeafType.same(Type.INT64, Long.BYTES);
    } else if (type instanceof ColumnType.Duration) {
      return LeafType.same(Type.INT64, Long.BYTES);
    } else if (type instanceof ColumnType.Interval interval
        && interval.unit() == ColumnType.IntervalUnit.MONTHS) {
      return LeafType.same(Type.INT32, Integer.BYTES);
    }
    throw new InvalidRequestException(
        "column '"
            + path
            + "' has the type "
            + type
            + ", which Parquet can't hold: leave it out, or write Arrow bundles");
  }

  private static LeafType simple(Simple type, SchemaElement element) {
    return switch (type) {
      case NULL -> {
        element.setLogicalType(LogicalType.UNKNOWN(new NullType()));
        yield LeafType.of(Type.INT32, Form.NOTHING, 0);
      }
      case BOOL -> LeafType.of(Type.BOOLEAN, Form.BITS, 0);
      case INT8, INT16 -> {
        integer(element, type.width(), true);
        yield LeafType.of(Type.INT32, Form.SIGNED, type.width());
      }
      case UINT8, UINT16 -> {
        integer(element, type.width(), false);
        yield LeafType.of(Type.INT32, Form.UNSIGNED, type.width());
      }
      case UINT32 -> {
        integer(element, type.width(), false);
        yield LeafType.same(Type.INT32, Integer.BYTES);
      }
      case UINT64 -> {
        integer(element, type.width(), false);
        yield LeafType.same(Type.INT64, Long.BYTES);
      }
      case INT32 -> LeafType.same(Type.INT32, Integer.BYTES);
      case INT64, DATE64 -> LeafType.same(Type.INT64, Long.BYTES);
      case FLOAT16 -> {
        element.setLogicalType(LogicalType.FLOAT16(new Float16Type()));
        yield LeafType.fixed(Form.SAME, type.width());
      }
      case FLOAT32 -> LeafType.same(Type.FLOAT, Float.BYTES);
      case FLOAT64 -> LeafType.same(Type.DOUBLE, Double.BYTES);
      case DATE32 -> {
        element.setLogicalType(LogicalType.DATE(new DateType()));
        yield LeafType.same(Type.INT32, Integer.BYTES);
      }
      case UTF8, LARGE_UTF8 -> {
        element.setLogicalType(LogicalType.STRING(new StringType()));
        yield LeafType.of(Type.BYTE_ARRAY, Form.VARIABLE, type == Simple.UTF8 ? 4 : 8);
      }
      case BINARY, LARGE_BINARY ->
          LeafType.of(Type.BYTE_ARRAY, Form.VARIABLE, type == Simple.BINARY ? 4 : 8);
    };
  }

  private static void integer(SchemaElement element, int bytes, boolean signed) {
    element.setLogicalType(LogicalType.INTEGER(new IntType((byte) (bytes * Byte.SIZE), signed)));
  }

  private static TimeUnit unit(ColumnType.Unit unit) {
    return switch (unit) {
      case S, MS -> TimeUnit.MILLIS(new MilliSeconds());
      case US -> TimeUnit.MICROS(new MicroSeconds());
      case NS -> TimeUnit.NANOS(new NanoSeconds());
    };
  }
}
