// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.error.InvalidRequestException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Feeds values to a digest in the encoding of {@link RowDigest}. */
final class ValueHasher {
  private static final byte NULL = 0;
  private static final byte INTEGER = 1;
  private static final byte FLOAT = 2;
  private static final byte BOOLEAN = 3;
  private static final byte BYTES = 4;
  private static final byte LIST = 5;
  private static final byte STRUCT = 6;
  private static final byte RAW_LIST = 7;

  private final MessageDigest sha;
  private final ByteBuffer scratch = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);

  ValueHasher(MessageDigest sha) {
    this.sha = sha;
  }

  void name(String name) {
    sha.update(name.getBytes(StandardCharsets.UTF_8));
    sha.update((byte) 0);
  }

  void value(FieldVector vector, int index) {
    if (vector instanceof NullVector || vector.isNull(index)) {
      sha.update(NULL);
    } else if (vector instanceof BitVector bits) {
      sha.update(BOOLEAN);
      sha.update((byte) bits.get(index));
    } else if (vector instanceof FixedSizeBinaryVector binary) {
      long width = binary.getByteWidth();
      bytes(vector.getDataBuffer(), index * width, width);
    } else if (vector instanceof DecimalVector) {
      bytes(
          vector.getDataBuffer(),
          index * (long) DecimalVector.TYPE_WIDTH,
          DecimalVector.TYPE_WIDTH);
    } else if (vector instanceof BaseFixedWidthVector fixed) {
      number(fixed, index);
    } else if (vector instanceof BaseVariableWidthVector) {
      ArrowBuf offsets = vector.getOffsetBuffer();
      long start = offsets.getInt(index * 4L);
      bytes(vector.getDataBuffer(), start, offsets.getInt((index + 1) * 4L) - start);
    } else if (vector instanceof BaseLargeVariableWidthVector) {
      ArrowBuf offsets = vector.getOffsetBuffer();
      long start = offsets.getLong(index * 8L);
      bytes(vector.getDataBuffer(), start, offsets.getLong((index + 1) * 8L) - start);
    } else {
      nested(vector, index);
    }
  }

  private void nested(FieldVector vector, int index) {
    if (vector instanceof StructVector struct) {
      sha.update(STRUCT);
      for (FieldVector child : struct.getChildrenFromFields()) {
        name(child.getName());
        value(child, index);
      }
    } else if (vector instanceof FixedSizeListVector list) {
      int start = index * list.getListSize();
      items(list.getDataVector(), start, start + list.getListSize());
    } else if (vector instanceof ListVector list) {
      items(list.getDataVector(), list.getElementStartIndex(index), list.getElementEndIndex(index));
    } else if (vector instanceof LargeListVector list) {
      items(
          list.getDataVector(),
          Math.toIntExact(list.getElementStartIndex(index)),
          Math.toIntExact(list.getElementEndIndex(index)));
    } else {
      throw noDigest(vector);
    }
  }

  private void items(FieldVector items, int start, int stop) {
    if (isNumeric(items) && hasNoNulls(items, start, stop)) {
      long width = ((BaseFixedWidthVector) items).getTypeWidth();
      sha.update(RAW_LIST);
      sha.update((byte) width);
      length(stop - start);
      raw(items.getDataBuffer(), start * width, (stop - start) * width);
      return;
    }
    sha.update(LIST);
    length(stop - start);
    for (int index = start; index < stop; index++) {
      value(items, index);
    }
  }

  private static boolean isNumeric(FieldVector vector) {
    ArrowType type = vector.getField().getType();
    return type instanceof ArrowType.Int || type instanceof ArrowType.FloatingPoint;
  }

  private static boolean hasNoNulls(FieldVector vector, int start, int stop) {
    for (int index = start; index < stop; index++) {
      if (vector.isNull(index)) {
        return false;
      }
    }
    return true;
  }

  private void number(BaseFixedWidthVector vector, int index) {
    ArrowBuf values = vector.getDataBuffer();
    int width = vector.getTypeWidth();
    long at = (long) index * width;
    ArrowType type = vector.getField().getType();
    if (type instanceof ArrowType.FloatingPoint) {
      number(FLOAT, Double.doubleToRawLongBits(floating(values, at, width)));
    } else if (width > Long.BYTES) {
      throw noDigest(vector);
    } else {
      boolean signed = !(type instanceof ArrowType.Int integer) || integer.getIsSigned();
      number(INTEGER, integer(values, at, width, signed));
    }
  }

  private static double floating(ArrowBuf values, long at, int width) {
    return switch (width) {
      case 2 -> Float16.toFloat(values.getShort(at));
      case 4 -> values.getFloat(at);
      default -> values.getDouble(at);
    };
  }

  private static long integer(ArrowBuf values, long at, int width, boolean signed) {
    return switch (width) {
      case 1 -> signed ? values.getByte(at) : Byte.toUnsignedLong(values.getByte(at));
      case 2 -> signed ? values.getShort(at) : Short.toUnsignedLong(values.getShort(at));
      case 4 -> signed ? values.getInt(at) : Integer.toUnsignedLong(values.getInt(at));
      default -> values.getLong(at);
    };
  }

  private void number(byte kind, long value) {
    scratch.clear().put(kind).putLong(value);
    sha.update(scratch.flip());
  }

  private void length(long length) {
    scratch.clear().putLong(length);
    sha.update(scratch.flip());
  }

  private void bytes(ArrowBuf buffer, long start, long length) {
    number(BYTES, length);
    raw(buffer, start, length);
  }

  private void raw(ArrowBuf buffer, long start, long length) {
    if (length > 0) {
      sha.update(buffer.nioBuffer(start, Math.toIntExact(length)));
    }
  }

  private static InvalidRequestException noDigest(FieldVector vector) {
    return new InvalidRequestException(
        "values of '"
            + vector.getName()
            + "' ("
            + vector.getField().getType()
            + ") have no digest");
  }
}
