// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

import java.util.Optional;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * One bitmap for all columns without nulls. Vectors want to have one; left to themselves each makes
 * its own for each cell.
 */
final class AllValid implements AutoCloseable {
  private final BufferAllocator allocator;
  private Optional<ArrowBuf> bits = Optional.empty();

  AllValid(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** A bitmap of so many values; the caller closes it. */
  ArrowBuf of(int values) {
    if (values == 0) {
      return allocator.getEmpty();
    }
    long bytes = (values + 7L) >>> 3;
    if (bits.isEmpty() || bits.get().capacity() < bytes) {
      close();
      ArrowBuf larger = allocator.buffer(bytes);
      larger.setOne(0, larger.capacity());
      bits = Optional.of(larger);
    }
    ArrowBuf shared = bits.get();
    shared.getReferenceManager().retain();
    return shared.slice(0, bytes);
  }

  @Override
  public void close() {
    bits.ifPresent(ArrowBuf::close);
    bits = Optional.empty();
  }
}
