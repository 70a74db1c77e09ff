// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * One validity buffer of ones that all columns without nulls share: cells leave theirs out, and
 * Arrow's vectors would each fill one of their own.
 */
final class NoNulls implements AutoCloseable {
  private final BufferAllocator allocator;
  private ArrowBuf ones;

  NoNulls(BufferAllocator allocator) {
    this.allocator = allocator;
    this.ones = allocator.getEmpty();
  }

  /** Ones for so many values; valid until the next call, unless it is retained. */
  ArrowBuf of(int values) {
    return atLeast(values).slice(0, (values + 7L) / 8);
  }

  /** Ones for so many values or more; valid until the next call. */
  ArrowBuf atLeast(int values) {
    long bytes = (values + 7L) / 8;
    if (ones.capacity() < bytes) {
      long capacity = Math.max(bytes, Math.min(2 * ones.capacity(), 1 << 24));
      ArrowBuf grown = allocator.buffer(capacity);
      grown.setOne(0, grown.capacity());
      ones.close();
      ones = grown;
    }
    return ones;
  }

  @Override
  public void close() {
    ones.close();
    ones = allocator.getEmpty();
  }
}
