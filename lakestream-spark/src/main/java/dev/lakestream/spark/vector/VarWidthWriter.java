// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/** Strings and binaries. */
final class VarWidthWriter extends VectorWriter {
  private final boolean binary;
  private final Offsets offsets;
  private final GrowingBuffer data;

  VarWidthWriter(String path, boolean nullable, BufferAllocator allocator, boolean binary) {
    super(path, nullable, allocator);
    this.binary = binary;
    this.offsets = new Offsets(allocator);
    this.data = new GrowingBuffer(allocator);
  }

  @Override
  void reserve(int values) {
    offsets.reserve(Math.addExact(count(), values));
  }

  @Override
  void put(SpecializedGetters source, int ordinal) {
    if (binary && !(source instanceof UnsafeRow) && !(source instanceof UnsafeArrayData)) {
      byte[] value = source.getBinary(ordinal);
      copy(value, Platform.BYTE_ARRAY_OFFSET, value.length);
    } else {
      // Unsafe rows hold binaries as they hold strings; this looks at them without a copy.
      UTF8String value = source.getUTF8String(ordinal);
      copy(value.getBaseObject(), value.getBaseOffset(), value.numBytes());
    }
  }

  @Override
  void putNothing() {
    offsets.end(count(), offsets.last());
  }

  @Override
  List<ArrowBuf> takeBuffers() {
    int bytes = offsets.last();
    return List.of(offsets.take(count()), data.take(bytes));
  }

  @Override
  public void close() {
    super.close();
    offsets.close();
    data.close();
  }

  private void copy(Object base, long offset, int bytes) {
    int begin = offsets.last();
    if (bytes > Integer.MAX_VALUE - begin) {
      throw tooLarge();
    }
    data.require((long) begin + bytes);
    Platform.copyMemory(base, offset, null, data.address() + begin, bytes);
    offsets.end(count(), begin + bytes);
  }
}
