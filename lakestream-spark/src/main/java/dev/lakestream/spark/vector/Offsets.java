// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.unsafe.Platform;

/** Where the values of a variable-length column end. */
final class Offsets implements AutoCloseable {
  private final GrowingBuffer buffer;
  private int last;

  Offsets(BufferAllocator allocator) {
    this.buffer = new GrowingBuffer(allocator);
  }

  /** Where the last value ends and the next one begins. */
  int last() {
    return last;
  }

  void reserve(int values) {
    buffer.require((values + 1L) * Integer.BYTES);
  }

  /** Records where a value ends. */
  void end(int index, int end) {
    reserve(index + 1);
    Platform.putInt(null, buffer.address() + (index + 1L) * Integer.BYTES, end);
    last = end;
  }

  /** Hands over the offsets of so many values and begins anew. */
  ArrowBuf take(int values) {
    reserve(values);
    Platform.putInt(null, buffer.address(), 0);
    last = 0;
    return buffer.take((values + 1L) * Integer.BYTES);
  }

  @Override
  public void close() {
    buffer.close();
  }
}
