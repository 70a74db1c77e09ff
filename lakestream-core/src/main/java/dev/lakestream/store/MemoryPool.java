// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/**
 * Keeps some of the memory that is given back: what the operating system hands out anew it must
 * clear and map first, which costs as much as a copy. Thread-safe.
 */
public final class MemoryPool implements AutoCloseable {
  private final long mostKept;
  private final Deque<ByteBuffer> free = new ArrayDeque<>();
  private long kept;
  private boolean closed;

  /** A pool that keeps so many bytes, at most, while nobody uses them. */
  public MemoryPool(long mostKept) {
    this.mostKept = mostKept;
  }

  /**
   * Takes memory, which holds anything; closing it gives it back.
   *
   * @throws IOException if the JVM may not have that much
   */
  public OffHeapMemory take(int length) throws IOException {
    Optional<ByteBuffer> found = takeFree(OffHeapMemory.padded(length));
    return new OffHeapMemory(
        found.isPresent() ? found.get() : OffHeapMemory.direct(length), length, this::giveBack);
  }

  /** One that is large enough, and not wastefully so. */
  private synchronized Optional<ByteBuffer> takeFree(long padded) {
    for (Iterator<ByteBuffer> all = free.iterator(); all.hasNext(); ) {
      ByteBuffer buffer = all.next();
      if (buffer.capacity() >= padded && buffer.capacity() / 2 <= padded) {
        all.remove();
        kept -= buffer.capacity();
        return Optional.of(buffer);
      }
    }
    return Optional.empty();
  }

  private synchronized void giveBack(ByteBuffer buffer) {
    if (closed || buffer.capacity() > mostKept) {
      OffHeapMemory.free(buffer);
      return;
    }
    free.addFirst(buffer);
    kept += buffer.capacity();
    while (kept > mostKept) {
      ByteBuffer oldest = free.removeLast();
      kept -= oldest.capacity();
      OffHeapMemory.free(oldest);
    }
  }

  /** Frees what is kept; what is in use is freed when it is closed. */
  @Override
  public synchronized void close() {
    closed = true;
    free.forEach(OffHeapMemory::free);
    free.clear();
    kept = 0;
  }
}
