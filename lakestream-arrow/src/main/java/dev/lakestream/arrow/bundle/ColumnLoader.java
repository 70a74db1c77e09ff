// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.bundle.ColumnLayout.Kind;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** Loads the columns of one cell, in order, after checking each of their buffers. */
final class ColumnLoader {
  private final CellMetadata batch;
  private final CellBuffers buffers;
  private final NoNulls noNulls;
  private final BufferAllocator allocator;
  private int node;
  private int buffer;

  ColumnLoader(
      CellMetadata batch, CellBuffers buffers, NoNulls noNulls, BufferAllocator allocator) {
    this.batch = batch;
    this.buffers = buffers;
    this.noNulls = noNulls;
    this.allocator = allocator;
  }

  /** Passes over a column that nobody wants. */
  void skip(ColumnLayout layout, int rows) {
    requireLength(layout, batch.length(node), rows);
    node += layout.nodes();
    buffer += layout.buffers();
  }

  /** Loads a column of so many rows. */
  void load(ColumnLayout layout, FieldVector vector, int rows) {
    requireLength(layout, batch.length(node), rows);
    loadNode(layout, vector);
  }

  private void loadNode(ColumnLayout layout, FieldVector vector) {
    int count = batch.length(node);
    int nulls = batch.nulls(node);
    node++;
    if (nulls > 0 && layout.filled()) {
      throw malformed(layout, "it has " + nulls + " nulls, but is not nullable");
    }
    ArrowFieldNode loaded = new ArrowFieldNode(count, nulls);
    switch (layout.kind()) {
      case NULL -> vector.loadFieldBuffers(new ArrowFieldNode(count, count), List.of());
      case BITS -> loadValues(layout, vector, loaded, (count + 7L) / 8);
      case FIXED -> loadValues(layout, vector, loaded, (long) count * layout.width());
      case VARIABLE -> loadVariable(layout, vector, loaded);
      case LIST -> loadList(layout, vector, loaded);
      case FIXED_LIST, STRUCT -> loadParts(layout, vector, loaded);
    }
  }

  private void loadValues(
      ColumnLayout layout, FieldVector vector, ArrowFieldNode loaded, long bytes) {
    int validity = buffer++;
    ArrowBuf values = sized(layout, "values", buffer++, bytes);
    vector.loadFieldBuffers(loaded, List.of(validity(layout, validity, loaded), values));
  }

  private void loadParts(ColumnLayout layout, FieldVector vector, ArrowFieldNode loaded) {
    int validity = buffer++;
    long values =
        (long) loaded.getLength() * (layout.kind() == Kind.FIXED_LIST ? layout.width() : 1);
    for (int child = 0; child < layout.children().size(); child++) {
      ColumnLayout part = layout.children().get(child);
      requireLength(part, batch.length(node), values);
      loadNode(part, vector.getChildrenFromFields().get(child));
    }
    vector.loadFieldBuffers(loaded, List.of(validity(layout, validity, loaded)));
  }

  private void loadVariable(ColumnLayout layout, FieldVector vector, ArrowFieldNode loaded) {
    int validity = buffer++;
    ArrowBuf offsets = offsets(layout, loaded.getLength());
    long last = lastOffset(layout, offsets, loaded.getLength());
    ArrowBuf values = buffers.get(buffer++, Math.max(0, last));
    checkOffsets(layout, offsets, loaded.getLength(), values.capacity());
    vector.loadFieldBuffers(loaded, List.of(validity(layout, validity, loaded), offsets, values));
  }

  private void loadList(ColumnLayout layout, FieldVector vector, ArrowFieldNode loaded) {
    int validity = buffer++;
    ArrowBuf offsets = offsets(layout, loaded.getLength());
    checkOffsets(layout, offsets, loaded.getLength(), batch.length(node));
    loadNode(layout.children().get(0), vector.getChildrenFromFields().get(0));
    vector.loadFieldBuffers(loaded, List.of(validity(layout, validity, loaded), offsets));
  }

  /** Comes after the checks of the other buffers: only then is the length more than a claim. */
  private ArrowBuf validity(ColumnLayout layout, int index, ArrowFieldNode loaded) {
    return loaded.getNullCount() == 0
        ? noNulls.of(loaded.getLength())
        : sized(layout, "validity", index, (loaded.getLength() + 7L) / 8);
  }

  /** Of no values there need not be an offset, but vectors want the first. */
  private ArrowBuf offsets(ColumnLayout layout, int count) {
    if (count == 0 && batch.buffer(buffer).capacity() == 0) {
      buffer++;
      return allocator.getEmpty();
    }
    return sized(layout, "offsets", buffer++, (count + 1L) * layout.width());
  }

  private ArrowBuf sized(ColumnLayout layout, String what, int index, long bytes) {
    ArrowBuf found = buffers.get(index, bytes);
    if (found.capacity() < bytes) {
      throw malformed(
          layout,
          "its " + what + " buffer has " + found.capacity() + " bytes, " + bytes + " are needed");
    }
    return found;
  }

  private static void requireLength(ColumnLayout layout, long found, long wanted) {
    if (found != wanted) {
      throw malformed(layout, "it has " + found + " values, " + wanted + " are wanted");
    }
  }

  /** What the offsets claim; checked only with all of them. */
  private static long lastOffset(ColumnLayout layout, ArrowBuf offsets, int count) {
    if (offsets.capacity() == 0) {
      return 0;
    }
    return offset(layout, offsets.memoryAddress(), count);
  }

  private static long offset(ColumnLayout layout, long address, int index) {
    return layout.width() == Integer.BYTES
        ? MemoryUtil.getInt(address + (long) index * Integer.BYTES)
        : MemoryUtil.getLong(address + (long) index * Long.BYTES);
  }

  /** Offsets must begin inside, never decrease, and end inside of their values. */
  private static void checkOffsets(
      ColumnLayout layout, ArrowBuf offsets, int count, long available) {
    if (offsets.capacity() == 0) {
      return;
    }
    long address = offsets.memoryAddress();
    long before = 0;
    for (int index = 0; index <= count; index++) {
      long offset = offset(layout, address, index);
      if (offset < before) {
        throw malformed(layout, "its offset " + index + " is " + offset + ", after " + before);
      }
      before = offset;
    }
    if (before > available) {
      throw malformed(layout, "its offsets end at " + before + " of " + available + " values");
    }
  }

  private static MalformedCellException malformed(ColumnLayout layout, String what) {
    return new MalformedCellException("column '" + layout.path() + "': " + what);
  }
}
