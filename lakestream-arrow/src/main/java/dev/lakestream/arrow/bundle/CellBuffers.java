// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import java.util.Arrays;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Where the buffers of a cell are as vectors want them: in the cell, or, if that is compressed, in
 * memory of their own. Used for one cell after another.
 *
 * <p>Must: {@link #begin} comes first for each cell, {@link #prepare} before a buffer is asked for.
 */
final class CellBuffers implements AutoCloseable {
  private final CellMetadata batch;
  private final BufferExpander expander;
  private final BufferAllocator allocator;
  private final ArrowBuf[] expanded;
  private final long[] addresses;
  private final long[] bytes;
  private long cell;

  /**
   * Buffers of cells.
   *
   * @param batch what describes the cell; read before each {@link #begin}
   * @param buffers how many a cell has
   */
  CellBuffers(CellMetadata batch, int buffers, BufferAllocator allocator) {
    this.batch = batch;
    this.expander = new BufferExpander();
    this.allocator = allocator;
    this.expanded = new ArrowBuf[buffers];
    Arrays.fill(expanded, allocator.getEmpty());
    this.addresses = new long[buffers];
    this.bytes = new long[buffers];
  }

  /** Goes on with the cell at this address, whose metadata were just read. */
  void begin(long address) {
    cell = address;
    expander.begin();
  }

  /**
   * Makes a buffer ready to be used.
   *
   * @param needed bytes that its values take; it may have less, or, not compressed, more
   * @return bytes that it has
   */
  long prepare(int index, long needed) {
    addresses[index] = batch.address(index);
    bytes[index] = batch.bytes(index);
    if (batch.compression() != CellCompression.NONE && bytes[index] > 0) {
      expand(index, needed);
    }
    return bytes[index];
  }

  private void expand(int index, long needed) {
    long content = expander.claim(batch.compression(), addresses[index], bytes[index], needed);
    addresses[index] += Long.BYTES;
    bytes[index] -= Long.BYTES;
    if (content == 0) {
      bytes[index] = 0;
    } else if (content != BufferCompressor.RAW) {
      ArrowBuf room = room(index, content);
      expander.expand(
          batch.compression(), addresses[index], bytes[index], room.memoryAddress(), content);
      addresses[index] = room.memoryAddress();
      bytes[index] = content;
    }
  }

  /** Memory for a buffer: that of the cell before, if it is large enough. */
  private ArrowBuf room(int index, long content) {
    if (expanded[index].capacity() < content) {
      expanded[index].close();
      expanded[index] = allocator.getEmpty();
      expanded[index] = allocator.buffer(content);
    }
    return expanded[index];
  }

  long address(int index) {
    return addresses[index];
  }

  long bytes(int index) {
    return bytes[index];
  }

  /** Whether a buffer is a part of the cell. */
  boolean isInCell(int index) {
    return bytes[index] == 0 || addresses[index] != expanded[index].memoryAddress();
  }

  /**
   * A buffer as a slice of what it lies in; valid until this is {@link #clear cleared}, or longer
   * for who retains it.
   *
   * @param whole the cell
   */
  ArrowBuf slice(int index, ArrowBuf whole) {
    return isInCell(index)
        ? whole.slice(addresses[index] - cell, bytes[index])
        : expanded[index].slice(0, bytes[index]);
  }

  /** Lets go of the memory of expanded buffers. */
  void clear() {
    for (int index = 0; index < expanded.length; index++) {
      expanded[index].close();
      expanded[index] = allocator.getEmpty();
    }
  }

  @Override
  public void close() {
    clear();
  }
}
