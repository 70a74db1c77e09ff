// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.Objects;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.unsafe.Platform;
import org.jspecify.annotations.Nullable;

/**
 * Memory outside of the heap that one buffer of a cell is written to. It remembers how much the
 * last cell needed, so that cells of like size are allocated once and never copied.
 */
final class GrowingBuffer implements AutoCloseable {
  private static final long SMALLEST = 64;

  private final BufferAllocator allocator;
  private @Nullable ArrowBuf buffer;
  private long address;
  private long capacity;
  private long lastSize = SMALLEST;

  GrowingBuffer(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Where byte 0 is; changes whenever {@link #require} grows the memory. */
  long address() {
    return address;
  }

  /** Makes room for this many bytes from byte 0. */
  void require(long bytes) {
    if (bytes > capacity) {
      grow(bytes);
    }
  }

  /** Hands over the first bytes; the caller owns the buffer. */
  ArrowBuf take(long bytes) {
    require(bytes);
    if (buffer == null) {
      grow(SMALLEST);
    }
    ArrowBuf taken = Objects.requireNonNull(buffer);
    taken.writerIndex(bytes);
    lastSize = Math.max(SMALLEST, bytes);
    forget();
    return taken;
  }

  @Override
  public void close() {
    if (buffer != null) {
      buffer.close();
      forget();
    }
  }

  private void forget() {
    buffer = null;
    address = 0;
    capacity = 0;
  }

  private void grow(long bytes) {
    long size = Math.max(bytes, buffer == null ? lastSize : capacity * 2);
    ArrowBuf larger = allocator.buffer(size);
    if (buffer != null) {
      Platform.copyMemory(null, address, null, larger.memoryAddress(), capacity);
      buffer.close();
    }
    buffer = larger;
    address = larger.memoryAddress();
    capacity = larger.capacity();
  }
}
