// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OwnershipTransferResult;
import org.apache.arrow.memory.ReferenceManager;

/**
 * Makes Arrow buffers over memory that belongs to somebody else.
 *
 * <p>Nobody can keep such a buffer: what would, as a transfer or an export does, is refused. Only
 * who makes vectors of them may say that they are retained, between {@link #lend()} and {@link
 * #lent()}.
 */
final class BorrowedMemory implements ReferenceManager {
  private final BufferAllocator allocator;
  private boolean lending;

  BorrowedMemory(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  ArrowBuf over(long address, long length) {
    return new ArrowBuf(this, null, length, address);
  }

  void lend() {
    lending = true;
  }

  void lent() {
    lending = false;
  }

  @Override
  public int getRefCount() {
    return 1;
  }

  @Override
  public boolean release() {
    return false;
  }

  @Override
  public boolean release(int decrement) {
    return false;
  }

  @Override
  public void retain() {
    retain(1);
  }

  @Override
  public void retain(int increment) {
    if (!lending) {
      throw refused();
    }
  }

  @Override
  public ArrowBuf retain(ArrowBuf source, BufferAllocator target) {
    if (!lending) {
      throw refused();
    }
    return source;
  }

  @Override
  public ArrowBuf deriveBuffer(ArrowBuf source, long index, long length) {
    return over(source.memoryAddress() + index, length);
  }

  @Override
  public OwnershipTransferResult transferOwnership(ArrowBuf source, BufferAllocator target) {
    throw refused();
  }

  @Override
  public BufferAllocator getAllocator() {
    return allocator;
  }

  @Override
  public long getSize() {
    return 0;
  }

  @Override
  public long getAccountedSize() {
    return 0;
  }

  private static UnsupportedOperationException refused() {
    return new UnsupportedOperationException(
        "these vectors serve the next step as well, so their memory can't be kept: copy it, or read"
            + " with vectors of their own for each step");
  }
}
