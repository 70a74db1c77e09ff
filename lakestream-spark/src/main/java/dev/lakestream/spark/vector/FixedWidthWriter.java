// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.Platform;

/**
 * Values of one to eight bytes that Spark and Arrow lay out alike, and decimals. Elements of an
 * {@link UnsafeArrayData} are copied as one block of memory.
 */
abstract class FixedWidthWriter extends VectorWriter {
  private final int width;
  private final GrowingBuffer data;

  private FixedWidthWriter(String path, boolean nullable, BufferAllocator allocator, int width) {
    super(path, nullable, allocator);
    this.width = width;
    this.data = new GrowingBuffer(allocator);
  }

  /** Writes a value to an address. */
  abstract void store(long address, SpecializedGetters source, int ordinal);

  /** Whether an array of these lies in memory as Arrow wants it. */
  boolean isLaidOutAlike() {
    return true;
  }

  @Override
  final void reserve(int values) {
    data.require((long) width * Math.addExact(count(), values));
  }

  @Override
  final void put(SpecializedGetters source, int ordinal) {
    store(next(), source, ordinal);
  }

  @Override
  final void putNothing() {
    Platform.setMemory(null, next(), width, (byte) 0);
  }

  @Override
  final void appendAll(ArrayData array) {
    if (array instanceof UnsafeArrayData unsafe && isLaidOutAlike()) {
      appendBlock(unsafe);
    } else {
      super.appendAll(array);
    }
  }

  @Override
  final List<ArrowBuf> takeBuffers() {
    return List.of(data.take((long) width * count()));
  }

  @Override
  public final void close() {
    super.close();
    data.close();
  }

  private long next() {
    long offset = (long) width * count();
    data.require(offset + width);
    return data.address() + offset;
  }

  private void appendBlock(UnsafeArrayData array) {
    int values = array.numElements();
    int first = count();
    reserve(values);
    long elements =
        array.getBaseOffset() + UnsafeArrayData.calculateHeaderPortionInBytes((long) values);
    Platform.copyMemory(
        array.getBaseObject(),
        elements,
        null,
        data.address() + (long) width * first,
        (long) width * values);
    addCount(values);
    // The header is the number of elements, then a bit for each that is set where it is null.
    long words = array.getBaseOffset() + Long.BYTES;
    for (int word = 0; word * Long.SIZE < values; word++) {
      long bits = Platform.getLong(array.getBaseObject(), words + (long) word * Long.BYTES);
      for (; bits != 0; bits &= bits - 1) {
        checkNullable();
        int index = first + word * Long.SIZE + Long.numberOfTrailingZeros(bits);
        Platform.setMemory(null, data.address() + (long) width * index, width, (byte) 0);
        markNull(index);
      }
    }
  }

  static VectorWriter bytes(String path, boolean nullable, BufferAllocator allocator) {
    return new FixedWidthWriter(path, nullable, allocator, Byte.BYTES) {
      @Override
      void store(long address, SpecializedGetters source, int ordinal) {
        Platform.putByte(null, address, source.getByte(ordinal));
      }
    };
  }

  static VectorWriter shorts(String path, boolean nullable, BufferAllocator allocator) {
    return new FixedWidthWriter(path, nullable, allocator, Short.BYTES) {
      @Override
      void store(long address, SpecializedGetters source, int ordinal) {
        Platform.putShort(null, address, source.getShort(ordinal));
      }
    };
  }

  static VectorWriter ints(String path, boolean nullable, BufferAllocator allocator) {
    return new FixedWidthWriter(path, nullable, allocator, Integer.BYTES) {
      @Override
      void store(long address, SpecializedGetters source, int ordinal) {
        Platform.putInt(null, address, source.getInt(ordinal));
      }
    };
  }

  static VectorWriter longs(String path, boolean nullable, BufferAllocator allocator) {
    return new FixedWidthWriter(path, nullable, allocator, Long.BYTES) {
      @Override
      void store(long address, SpecializedGetters source, int ordinal) {
        Platform.putLong(null, address, source.getLong(ordinal));
      }
    };
  }

  static VectorWriter floats(String path, boolean nullable, BufferAllocator allocator) {
    return new FixedWidthWriter(path, nullable, allocator, Float.BYTES) {
      @Override
      void store(long address, SpecializedGetters source, int ordinal) {
        Platform.putFloat(null, address, source.getFloat(ordinal));
      }
    };
  }

  static VectorWriter doubles(String path, boolean nullable, BufferAllocator allocator) {
    return new FixedWidthWriter(path, nullable, allocator, Double.BYTES) {
      @Override
      void store(long address, SpecializedGetters source, int ordinal) {
        Platform.putDouble(null, address, source.getDouble(ordinal));
      }
    };
  }

  static VectorWriter decimals(
      String path, boolean nullable, BufferAllocator allocator, int precision, int scale) {
    return new FixedWidthWriter(path, nullable, allocator, 16) {
      @Override
      boolean isLaidOutAlike() {
        return false;
      }

      @Override
      void store(long address, SpecializedGetters source, int ordinal) {
        Decimal value = source.getDecimal(ordinal, precision, scale);
        if (precision <= Decimal.MAX_LONG_DIGITS()) {
          long unscaled = value.toUnscaledLong();
          Platform.putLong(null, address, unscaled);
          Platform.putLong(null, address + Long.BYTES, unscaled >> 63);
        } else {
          byte[] bigEndian = value.toJavaBigDecimal().unscaledValue().toByteArray();
          byte sign = (byte) (bigEndian[0] >> 7);
          for (int i = 0; i < 16; i++) {
            byte next = i < bigEndian.length ? bigEndian[bigEndian.length - 1 - i] : sign;
            Platform.putByte(null, address + i, next);
          }
        }
      }
    };
  }
}
