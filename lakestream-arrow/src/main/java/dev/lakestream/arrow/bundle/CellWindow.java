// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * One root of vectors that is shown one cell after another. A cell with the very metadata of the
 * one before needs no decoding: what was checked there holds here, and the buffers lie as far from
 * the cell's start; so they are only pointed at it, and nothing is allocated. Any other cell is
 * decoded anew, in vectors that then take the place of these.
 *
 * <p>Must: the memory of a cell stays until another one is shown, or {@link #clear()}; what depends
 * on values, the offsets of variable-length columns, is checked for each cell.
 *
 * <p>Not thread-safe.
 */
public final class CellWindow implements AutoCloseable {
  private final CellDecoder decoder;
  private final BorrowedMemory memory;
  private Optional<VectorSchemaRoot> root = Optional.empty();
  private Optional<CellShape> shape = Optional.empty();

  /**
   * A window that shows nothing yet.
   *
   * @param decoder of all cells to come; outlives this
   */
  public CellWindow(CellDecoder decoder, BufferAllocator allocator) {
    this.decoder = decoder;
    this.memory = new BorrowedMemory(allocator);
  }

  /**
   * Shows a cell if that needs nothing but moving. Where not, what is shown is undefined until
   * {@link #decode}.
   *
   * @param address of its first byte
   * @param rows of it, by the directory
   */
  public boolean move(long address, long length, int rows) {
    return shape.isPresent() && shape.get().moveTo(address, length, rows);
  }

  /**
   * Shows a cell, whatever it is like. Throws what {@link CellDecoder#decode} does; then nothing is
   * shown.
   */
  public VectorSchemaRoot decode(long address, long length, int rows, CellPlace where) {
    clear();
    memory.lend();
    try {
      VectorSchemaRoot decoded = decoder.decode(memory.over(address, length), rows, where);
      root = Optional.of(decoded);
      shape = shapeOf(decoded, address, length);
      return decoded;
    } finally {
      memory.lent();
    }
  }

  /** What is shown. */
  public VectorSchemaRoot root() {
    return root.orElseThrow();
  }

  /** How to recognize a cell like this one; empty if moving is not enough to show it. */
  private Optional<CellShape> shapeOf(VectorSchemaRoot decoded, long address, long length) {
    if (!BorrowedMemory.isMovable()) {
      return Optional.empty();
    }
    List<ArrowBuf> buffers = new ArrayList<>();
    for (FieldVector vector : decoded.getFieldVectors()) {
      if (!collect(vector, buffers)) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new CellShape(decoded, decoder.layouts(), buffers, metadata(address), address, length));
  }

  /** The buffers that point into the cell; false if others than those of no nulls do not. */
  private boolean collect(FieldVector vector, List<ArrowBuf> into) {
    List<ArrowBuf> own = vector.getFieldBuffers();
    for (int index = 0; index < own.size(); index++) {
      ArrowBuf buffer = own.get(index);
      boolean validity = index == 0;
      if (buffer.getReferenceManager() == memory) {
        into.add(buffer);
      } else if (buffer.capacity() > 0 && !(validity && vector.getNullCount() == 0)) {
        return false;
      }
    }
    for (FieldVector child : vector.getChildrenFromFields()) {
      if (!collect(child, into)) {
        return false;
      }
    }
    return true;
  }

  /** What stands before the body of a cell that was decoded: whole words, by the alignment. */
  private static long[] metadata(long address) {
    int words = (2 * Integer.BYTES + MemoryUtil.getInt(address + Integer.BYTES)) / Long.BYTES;
    long[] metadata = new long[words];
    for (int word = 0; word < words; word++) {
      metadata[word] = MemoryUtil.getLong(address + (long) word * Long.BYTES);
    }
    return metadata;
  }

  /** Whether vectors are those of a window, which will show something else next time. */
  public static boolean isWindow(VectorSchemaRoot vectors) {
    return vectors.getFieldVectors().stream().anyMatch(CellWindow::isBorrowed);
  }

  private static boolean isBorrowed(FieldVector vector) {
    return vector.getFieldBuffers().stream()
            .anyMatch(buffer -> buffer.getReferenceManager() instanceof BorrowedMemory)
        || vector.getChildrenFromFields().stream().anyMatch(CellWindow::isBorrowed);
  }

  /** Shows nothing; the vectors are empty from now on. */
  public void clear() {
    root.ifPresent(VectorSchemaRoot::close);
    root = Optional.empty();
    shape = Optional.empty();
  }

  @Override
  public void close() {
    clear();
  }
}
