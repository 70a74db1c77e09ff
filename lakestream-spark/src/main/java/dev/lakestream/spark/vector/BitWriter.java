// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.unsafe.Platform;

/** Booleans: a byte each in Spark, a bit each in Arrow. */
final class BitWriter extends VectorWriter {
  private final GrowingBuffer data;

  BitWriter(String path, boolean nullable, BufferAllocator allocator) {
    super(path, nullable, allocator);
    this.data = new GrowingBuffer(allocator);
  }

  @Override
  void reserve(int values) {
    data.require((Math.addExact(count(), values) + 7L) >>> 3);
  }

  @Override
  void put(SpecializedGetters source, int ordinal) {
    putBit(source.getBoolean(ordinal) ? 1 : 0);
  }

  @Override
  void putNothing() {
    putBit(0);
  }

  @Override
  List<ArrowBuf> takeBuffers() {
    return List.of(data.take((count() + 7L) >>> 3));
  }

  @Override
  public void close() {
    super.close();
    data.close();
  }

  private void putBit(int bit) {
    int index = count();
    reserve(1);
    long address = data.address() + (index >>> 3);
    int before = (index & 7) == 0 ? 0 : Platform.getByte(null, address);
    Platform.putByte(null, address, (byte) (before | bit << (index & 7)));
  }
}
