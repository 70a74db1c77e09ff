// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.stream.Stream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.BaseRepeatedValueVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.NonNullableStructVector;

/**
 * Sets what Arrow's buffers and vectors keep to themselves, so that those of one cell can show
 * another: where a buffer points, and how many values a vector has. The vectors' own setters would
 * not do: they make room, and they write offsets, here into memory that may not be written.
 *
 * <p>Reflection may set these fields, as they are neither static nor of records, and needs no
 * option of the JVM while Arrow is no named module. Where it may not, or in another version of
 * Arrow, they are not {@link #areAccessible accessible}.
 */
final class ArrowInternals {
  private static final MethodHandle MISSING =
      MethodHandles.empty(MethodType.methodType(void.class));

  // Each a constant, as only those are inlined by the JVM.
  private static final MethodHandle ADDRESS = setter(ArrowBuf.class, "addr");
  private static final MethodHandle CAPACITY = setter(ArrowBuf.class, "capacity");
  private static final MethodHandle ROWS = setter(VectorSchemaRoot.class, "rowCount");
  private static final MethodHandle FIXED = setter(BaseFixedWidthVector.class, "valueCount");
  private static final MethodHandle VARIABLE = setter(BaseVariableWidthVector.class, "valueCount");
  private static final MethodHandle LARGE_VARIABLE =
      setter(BaseLargeVariableWidthVector.class, "valueCount");
  private static final MethodHandle LIST = setter(BaseRepeatedValueVector.class, "valueCount");
  private static final MethodHandle LARGE_LIST = setter(LargeListVector.class, "valueCount");
  private static final MethodHandle FIXED_LIST = setter(FixedSizeListVector.class, "valueCount");
  private static final boolean ACCESSIBLE =
      Stream.of(
              ADDRESS,
              CAPACITY,
              ROWS,
              FIXED,
              VARIABLE,
              LARGE_VARIABLE,
              LIST,
              LARGE_LIST,
              FIXED_LIST)
          .noneMatch(MISSING::equals);

  private ArrowInternals() {}

  /** {@link #MISSING} where there is no such field, or it may not be set. */
  private static MethodHandle setter(Class<?> owner, String name) {
    try {
      Field field = owner.getDeclaredField(name);
      field.setAccessible(true);
      return MethodHandles.lookup().unreflectSetter(field);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return MISSING;
    }
  }

  /** Whether this works in this JVM and with this Arrow. */
  static boolean areAccessible() {
    return ACCESSIBLE;
  }

  /** Points a buffer at memory, all of it readable. */
  static void point(ArrowBuf buffer, long address, long bytes) {
    try {
      ADDRESS.invokeExact(buffer, address);
      CAPACITY.invokeExact(buffer, bytes);
    } catch (Throwable e) {
      throw unset(e);
    }
    buffer.readerIndex(0).writerIndex(bytes);
  }

  /** Sets how many rows a root says that it has; leaves its vectors alone. */
  static void setRows(VectorSchemaRoot root, int rows) {
    try {
      ROWS.invokeExact(root, rows);
    } catch (Throwable e) {
      throw unset(e);
    }
  }

  /** Sets how many values a vector has, all of them there, whether null or not. */
  static void setCount(FieldVector vector, int count) {
    try {
      if (vector instanceof BaseFixedWidthVector fixed) {
        FIXED.invokeExact(fixed, count);
      } else if (vector instanceof FixedSizeListVector list) {
        FIXED_LIST.invokeExact(list, count);
      } else if (vector instanceof ListVector list) {
        LIST.invokeExact((BaseRepeatedValueVector) list, count);
        list.setLastSet(count - 1);
      } else {
        setRareCount(vector, count);
      }
    } catch (Throwable e) {
      throw unset(e);
    }
  }

  private static void setRareCount(FieldVector vector, int count) throws Throwable {
    if (vector instanceof BaseVariableWidthVector variable) {
      VARIABLE.invokeExact(variable, count);
      variable.setLastSet(count - 1);
    } else if (vector instanceof BaseLargeVariableWidthVector variable) {
      LARGE_VARIABLE.invokeExact(variable, count);
      variable.setLastSet(count - 1);
    } else if (vector instanceof LargeListVector list) {
      LARGE_LIST.invokeExact(list, count);
      list.setLastSet(count - 1);
    } else if (vector instanceof NonNullableStructVector struct) {
      struct.valueCount = count;
    } else if (vector instanceof NullVector) {
      vector.setValueCount(count);
    } else {
      throw new IllegalStateException("a vector of " + vector.getClass());
    }
  }

  private static IllegalStateException unset(Throwable cause) {
    return new IllegalStateException("a field of Arrow cannot be set", cause);
  }
}
