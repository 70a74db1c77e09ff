// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.Optional;
import java.util.function.IntToLongFunction;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.DurationVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;

/**
 * A decoded cell's columns as Spark's. What Spark's own {@link ArrowColumnVector} can read it
 * reads; the rest, and whatever has parts, is read by vectors of ours. Nothing is copied.
 */
public final class CellColumns {
  private static final long MILLIS_PER_DAY = 86_400_000L;

  private CellColumns() {}

  /**
   * A view of a vector, which stays its owner's: closing the view does nothing.
   *
   * @param type that of the vector; structs may have fewer fields
   */
  public static ColumnVector of(FieldVector vector, DataType type) {
    if (type instanceof ArrayType array) {
      return list(vector, type, of(vector.getChildrenFromFields().get(0), array.elementType()));
    } else if (type instanceof MapType map) {
      FieldVector entries = vector.getChildrenFromFields().get(0);
      return ListColumn.ofMap(
          (ListVector) vector,
          map,
          of(entries.getChildrenFromFields().get(0), map.keyType()),
          of(entries.getChildrenFromFields().get(1), map.valueType()));
    } else if (type instanceof StructType struct) {
      return struct((StructVector) vector, struct);
    }
    return leaf(vector, type);
  }

  private static ColumnVector list(FieldVector vector, DataType type, ColumnVector items) {
    if (vector instanceof FixedSizeListVector lists) {
      int size = lists.getListSize();
      return new ListColumn(type, lists, items, row -> row * size, row -> size);
    } else if (vector instanceof LargeListVector lists) {
      return new ListColumn(
          type,
          lists,
          items,
          row -> Math.toIntExact(lists.getElementStartIndex(row)),
          row -> Math.toIntExact(lists.getElementEndIndex(row) - lists.getElementStartIndex(row)));
    }
    return ListColumn.of((ListVector) vector, type, items);
  }

  private static ColumnVector struct(StructVector vector, StructType type) {
    ColumnVector[] children = new ColumnVector[type.size()];
    for (int child = 0; child < children.length; child++) {
      StructField field = type.fields()[child];
      children[child] = of(vector.getChild(field.name()), field.dataType());
    }
    return new StructColumn(type, vector, children);
  }

  private static ColumnVector leaf(FieldVector vector, DataType type) {
    if (vector instanceof UInt1Vector values) {
      return new LongColumn(type, vector, row -> values.get(row) & 0xFFL);
    } else if (vector instanceof UInt2Vector values) {
      return new LongColumn(type, vector, values::get);
    } else if (vector instanceof UInt4Vector values) {
      return new LongColumn(type, vector, row -> values.get(row) & 0xFFFF_FFFFL);
    } else if (vector instanceof UInt8Vector values) {
      return new UnsignedLongColumn(type, values);
    } else if (vector instanceof Float2Vector values) {
      return new FloatColumn(type, vector, row -> Float16.toFloat(values.get(row)));
    } else if (vector instanceof FixedSizeBinaryVector values) {
      return new BinaryColumn(type, values);
    } else if (vector instanceof DateMilliVector values) {
      return new LongColumn(type, vector, row -> Math.floorDiv(values.get(row), MILLIS_PER_DAY));
    } else if (vector instanceof TimeStampVector values && !isMicros(vector)) {
      return new LongColumn(type, vector, row -> micros(values.get(row), unit(vector)));
    } else if (vector instanceof DurationVector values && unit(vector) != TimeUnit.MICROSECOND) {
      return new LongColumn(
          type,
          vector,
          row -> micros(DurationVector.get(values.getDataBuffer(), row), unit(vector)));
    }
    return time(vector, type).orElseGet(() -> new Borrowed(vector));
  }

  /** Times of a day: Spark's are nanoseconds, of which it knows whole microseconds only. */
  private static Optional<ColumnVector> time(FieldVector vector, DataType type) {
    IntToLongFunction nanos = null;
    if (vector instanceof TimeSecVector values) {
      nanos = row -> values.get(row) * 1_000_000_000L;
    } else if (vector instanceof TimeMilliVector values) {
      nanos = row -> values.get(row) * 1_000_000L;
    } else if (vector instanceof TimeMicroVector values) {
      nanos = row -> Math.multiplyExact(values.get(row), 1_000L);
    } else if (vector instanceof TimeNanoVector values) {
      nanos = row -> values.get(row) - Math.floorMod(values.get(row), 1_000L);
    }
    return Optional.ofNullable(nanos).map(value -> new LongColumn(type, vector, value));
  }

  private static boolean isMicros(FieldVector vector) {
    return unit(vector) == TimeUnit.MICROSECOND;
  }

  private static TimeUnit unit(FieldVector vector) {
    ArrowType type = vector.getField().getType();
    return type instanceof ArrowType.Duration duration
        ? duration.getUnit()
        : ((ArrowType.Timestamp) type).getUnit();
  }

  /** Spark knows microseconds only; what is finer is cut off. */
  private static long micros(long value, TimeUnit unit) {
    return switch (unit) {
      case SECOND -> Math.multiplyExact(value, 1_000_000L);
      case MILLISECOND -> Math.multiplyExact(value, 1_000L);
      case MICROSECOND -> value;
      case NANOSECOND -> Math.floorDiv(value, 1_000L);
    };
  }

  /** Spark's view would close the vector with itself. */
  private static final class Borrowed extends ArrowColumnVector {
    Borrowed(FieldVector vector) {
      super(vector);
    }

    @Override
    public void close() {}
  }
}
