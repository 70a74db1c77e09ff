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
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One root of vectors that is shown one cell after another: everything is checked as a decoder
 * checks it, and then the buffers of these vectors are pointed at it. That allocates nothing,
 * whatever the cells are like, once what they need has been seen: room for the values of
 * Zstandard-compressed ones, and for as many validity bits as values. A cell with the very metadata
 * of the one before, as those of fixed-size rows have, is not parsed again: what was checked there
 * holds here, and only offsets, which are values, are looked at.
 *
 * <p>Must: the memory of a cell stays until another one is shown, or {@link #clear()}.
 *
 * <p>Not thread-safe.
 */
public final class CellWindow implements AutoCloseable {
  private static final int ZEROS = 64;

  private final CellColumn[] columns;
  private final Schema schema;
  private final BufferAllocator allocator;
  private final BorrowedMemory memory;
  private final CellMetadata metadata;
  private final CellBuffers buffers;
  private final ColumnWalk walk;
  private final ColumnSink sink = this::accept;
  private final NoNulls noNulls;
  private final SeenMetadata seen = new SeenMetadata();

  /** By node; null where nobody wants it, and before anything is shown. */
  private final @Nullable WindowPart[] byNode;

  /** Those that are wanted. */
  private WindowPart[] parts = {};

  private Optional<VectorSchemaRoot> root = Optional.empty();
  private Optional<RuntimeException> refusal = Optional.empty();
  private ArrowBuf zeros;
  private long cell;

  /**
   * A window that shows nothing yet.
   *
   * @param decoder of the same cells, for others
   */
  public CellWindow(CellDecoder decoder, BufferAllocator allocator) {
    List<CellColumn> all = decoder.columns();
    this.columns = all.toArray(CellColumn[]::new);
    this.schema = decoder.schema();
    this.allocator = allocator;
    this.memory = new BorrowedMemory(allocator);
    this.metadata = CellColumn.metadata(all);
    this.buffers = new CellBuffers(metadata, CellColumn.buffers(all), allocator);
    this.walk = new ColumnWalk(metadata, buffers);
    this.noNulls = new NoNulls(allocator);
    this.zeros = allocator.getEmpty();
    this.byNode = new WindowPart[all.stream().mapToInt(column -> column.layout().nodes()).sum()];
  }

  /** Whether windows work in this JVM and with this Arrow; if not, cells have to be decoded. */
  public static boolean isPossible() {
    return ArrowInternals.areAccessible();
  }

  /**
   * Shows a cell.
   *
   * @param address of its first byte
   * @param rows of it, by the directory
   * @return false if it cannot be shown, for the {@link #refusal}; what the vectors show then is
   *     undefined, and {@link #clear()} must follow
   */
  public boolean show(long address, long length, int rows) {
    prepareVectors();
    if (seen.isOf(address, length, rows) && moveTo(address)) {
      return true;
    }
    try {
      seen.forget();
      metadata.read(address, length, rows);
      walkOver(address, rows);
      ArrowInternals.setRows(root(), rows);
      if (metadata.compression() == CellCompression.NONE) {
        seen.keep(address, length, rows);
      }
      return true;
    } catch (MalformedCellException | IndexOutOfBoundsException | UnsupportedCellException e) {
      refusal = Optional.of(e);
      return false;
    }
  }

  /** Why the last cell could not be shown, as its reader is told. */
  public RuntimeException refusal(CellPlace where) {
    return CellDecoder.refused(refusal.orElseThrow(), where);
  }

  private boolean moveTo(long address) {
    try {
      for (WindowPart part : parts) {
        part.moveTo(address);
      }
      return true;
    } catch (MalformedCellException e) {
      return false;
    }
  }

  private void walkOver(long address, int rows) {
    cell = address;
    buffers.begin(address);
    walk.begin();
    for (CellColumn column : columns) {
      if (column.wanted()) {
        walk.load(column.layout(), rows, sink);
      } else {
        walk.skip(column.layout(), rows);
      }
    }
    int most = 0;
    for (WindowPart part : parts) {
      most = Math.max(most, part.count());
    }
    ArrowBuf ones = noNulls.atLeast(most);
    for (WindowPart part : parts) {
      part.fill(ones, zeros);
    }
  }

  private void accept(
      ColumnLayout layout, int node, int count, int nulls, int validity, int offsets, int values) {
    WindowPart part = byNode[node];
    if (part == null) {
      throw new IllegalStateException("column '" + layout.path() + "' has no vector");
    }
    part.show(buffers, cell, count, validity, offsets, values);
    WindowPart items = part.isList() ? byNode[node + 1] : null;
    if (items != null) {
      part.setAvailable(items.count());
    }
  }

  /** What is shown. */
  public VectorSchemaRoot root() {
    return root.orElseThrow();
  }

  private void prepareVectors() {
    for (WindowPart part : parts) {
      if (!part.isWhole()) {
        clear();
        break;
      }
    }
    if (root.isEmpty()) {
      zeros = allocator.buffer(ZEROS);
      zeros.setZero(0, ZEROS);
      root = Optional.of(newVectors());
    }
  }

  private VectorSchemaRoot newVectors() {
    List<FieldVector> vectors = new ArrayList<>();
    List<WindowPart> made = new ArrayList<>();
    memory.lend();
    try {
      for (CellColumn column : columns) {
        if (column.wanted()) {
          FieldVector vector = column.arrow().createVector(allocator);
          vectors.add(vector);
          addParts(column.layout(), vector, column.node(), made);
        }
      }
    } finally {
      memory.lent();
    }
    parts = made.toArray(WindowPart[]::new);
    return new VectorSchemaRoot(schema, vectors, 0);
  }

  /** Returns the number of the node after the vector's. */
  private int addParts(ColumnLayout layout, FieldVector vector, int node, List<WindowPart> into) {
    WindowPart part = new WindowPart(vector, layout, memory, zeros);
    byNode[node] = part;
    into.add(part);
    List<FieldVector> children = vector.getChildrenFromFields();
    int next = node + 1;
    for (int child = 0; child < layout.children().size(); child++) {
      next = addParts(layout.children().get(child), children.get(child), next, into);
    }
    return next;
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
    parts = new WindowPart[] {};
    seen.forget();
    buffers.clear();
    noNulls.close();
    zeros.close();
    zeros = allocator.getEmpty();
  }

  @Override
  public void close() {
    clear();
  }

  /** The metadata of the last cell, and what else another must have in common with it. */
  private static final class SeenMetadata {
    /** Larger ones than any writer has reason to make are parsed each time. */
    private static final int MOST_WORDS = 1 << 16;

    private long[] words = {};
    private int count;
    private long length;
    private int rows;

    void forget() {
      count = 0;
    }

    /** Keeps those of a cell that was shown: whole words, by the alignment. */
    void keep(long address, long itsLength, int itsRows) {
      length = itsLength;
      rows = itsRows;
      long wordsOfIt = CellMetadata.bodyStart(address) / Long.BYTES;
      count = wordsOfIt > MOST_WORDS ? 0 : (int) wordsOfIt;
      if (count > words.length) {
        words = new long[count];
      }
      for (int word = 0; word < count; word++) {
        words[word] = MemoryUtil.getLong(address + (long) word * Long.BYTES);
      }
    }

    boolean isOf(long address, long itsLength, int itsRows) {
      if (count == 0 || itsLength != length || itsRows != rows) {
        return false;
      }
      for (int word = 0; word < count; word++) {
        if (MemoryUtil.getLong(address + (long) word * Long.BYTES) != words[word]) {
          return false;
        }
      }
      return true;
    }
  }
}
