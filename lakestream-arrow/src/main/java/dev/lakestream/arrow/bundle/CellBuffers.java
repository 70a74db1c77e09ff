// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The buffers of one cell as vectors want them: slices of the cell, or, of a compressed one, memory
 * of their own. They are valid until this is closed, or longer for those who retain them.
 */
final class CellBuffers implements AutoCloseable {
  private final CellMetadata batch;
  private final Optional<BufferExpander> expander;
  private final List<ArrowBuf> expanded = new ArrayList<>();

  CellBuffers(CellMetadata batch, BufferAllocator allocator) {
    this.batch = batch;
    this.expander =
        batch.compression() == CellCompression.NONE
            ? Optional.empty()
            : Optional.of(new BufferExpander(batch.compression(), allocator));
  }

  /**
   * A buffer.
   *
   * @param needed bytes that its values take; it may have less, or, not compressed, more
   */
  ArrowBuf get(int index, long needed) {
    ArrowBuf stored = batch.buffer(index);
    if (expander.isEmpty()) {
      return stored;
    }
    ArrowBuf made = expander.get().expand(stored, needed);
    expanded.add(made);
    return made;
  }

  @Override
  public void close() {
    expanded.forEach(ArrowBuf::close);
    expanded.clear();
  }
}
