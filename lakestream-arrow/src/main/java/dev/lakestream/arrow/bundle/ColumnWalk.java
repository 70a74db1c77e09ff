// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import static dev.lakestream.arrow.bundle.ColumnSink.NO_BUFFER;

import dev.lakestream.arrow.bundle.ColumnLayout.Kind;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Walks over the columns of one cell, in order, and hands them on after checking each of their
 * buffers. Used for one cell after another; allocates nothing.
 */
final class ColumnWalk {
  private final CellMetadata batch;
  private final CellBuffers buffers;
  private int node;
  private int buffer;

  ColumnWalk(CellMetadata batch, CellBuffers buffers) {
    this.batch = batch;
    this.buffers = buffers;
  }

  /** Begins another cell. */
  void begin() {
    node = 0;
    buffer = 0;
  }

  /** Passes over a column that nobody wants. */
  void skip(ColumnLayout layout, int rows) {
    requireLength(layout, batch.length(node), rows);
    node += layout.nodes();
    buffer += layout.buffers();
  }

  /** Checks a column of so many rows and hands it on. */
  void load(ColumnLayout layout, int rows, ColumnSink sink) {
    requireLength(layout, batch.length(node), rows);
    loadNode(layout, sink);
  }

  private void loadNode(ColumnLayout layout, ColumnSink sink) {
    int own = node++;
    int nulls = batch.nulls(own);
    if (nulls > 0 && layout.filled()) {
      throw malformed(layout, "it has " + nulls + " nulls, but is not nullable");
    }
    int count = batch.length(own);
    switch (layout.kind()) {
      case NULL -> sink.accept(layout, own, count, count, NO_BUFFER, NO_BUFFER, NO_BUFFER);
      case BITS -> loadValues(layout, own, count, nulls, (count + 7L) / 8, sink);
      case FIXED -> loadValues(layout, own, count, nulls, (long) count * layout.width(), sink);
      case VARIABLE -> loadVariable(layout, own, count, nulls, sink);
      case LIST -> loadList(layout, own, count, nulls, sink);
      case FIXED_LIST, STRUCT -> loadParts(layout, own, count, nulls, sink);
    }
  }

  private void loadValues(
      ColumnLayout layout, int own, int count, int nulls, long bytes, ColumnSink sink) {
    int first = buffer++;
    int values = sized(layout, "values", buffer++, bytes);
    int validity = validity(layout, first, count, nulls);
    sink.accept(layout, own, count, nulls, validity, NO_BUFFER, values);
  }

  private void loadParts(ColumnLayout layout, int own, int count, int nulls, ColumnSink sink) {
    int first = buffer++;
    long values = (long) count * (layout.kind() == Kind.FIXED_LIST ? layout.width() : 1);
    for (int child = 0; child < layout.children().size(); child++) {
      ColumnLayout part = layout.children().get(child);
      requireLength(part, batch.length(node), values);
      loadNode(part, sink);
    }
    int validity = validity(layout, first, count, nulls);
    sink.accept(layout, own, count, nulls, validity, NO_BUFFER, NO_BUFFER);
  }

  private void loadVariable(ColumnLayout layout, int own, int count, int nulls, ColumnSink sink) {
    int first = buffer++;
    int offsets = offsets(layout, count);
    // What the offsets claim; checked only with all of them.
    long last = offsets == NO_BUFFER ? 0 : offset(layout, buffers.address(offsets), count);
    int values = buffer++;
    long bytes = buffers.prepare(values, Math.max(0, last));
    checkOffsets(layout, offsets, count, bytes);
    int validity = validity(layout, first, count, nulls);
    sink.accept(layout, own, count, nulls, validity, offsets, values);
  }

  private void loadList(ColumnLayout layout, int own, int count, int nulls, ColumnSink sink) {
    int first = buffer++;
    int offsets = offsets(layout, count);
    checkOffsets(layout, offsets, count, batch.length(node));
    loadNode(layout.children().get(0), sink);
    int validity = validity(layout, first, count, nulls);
    sink.accept(layout, own, count, nulls, validity, offsets, NO_BUFFER);
  }

  /** Comes after the checks of the other buffers: only then is the length more than a claim. */
  private int validity(ColumnLayout layout, int index, int count, int nulls) {
    return nulls == 0 ? NO_BUFFER : sized(layout, "validity", index, (count + 7L) / 8);
  }

  /** Of no values there need not be an offset. */
  private int offsets(ColumnLayout layout, int count) {
    int index = buffer++;
    if (count == 0 && batch.bytes(index) == 0) {
      return NO_BUFFER;
    }
    return sized(layout, "offsets", index, (count + 1L) * layout.width());
  }

  private int sized(ColumnLayout layout, String what, int index, long bytes) {
    long found = buffers.prepare(index, bytes);
    if (found < bytes) {
      throw malformed(
          layout, "its " + what + " buffer has " + found + " bytes, " + bytes + " are needed");
    }
    return index;
  }

  private static void requireLength(ColumnLayout layout, long found, long wanted) {
    if (found != wanted) {
      throw malformed(layout, "it has " + found + " values, " + wanted + " are wanted");
    }
  }

  private static long offset(ColumnLayout layout, long address, int index) {
    return layout.width() == Integer.BYTES
        ? MemoryUtil.getInt(address + (long) index * Integer.BYTES)
        : MemoryUtil.getLong(address + (long) index * Long.BYTES);
  }

  private void checkOffsets(ColumnLayout layout, int offsets, int count, long available) {
    if (offsets != NO_BUFFER) {
      checkOffsets(layout, buffers.address(offsets), count, available);
    }
  }

  /** Offsets must begin inside, never decrease, and end inside of their values. */
  static void checkOffsets(ColumnLayout layout, long address, int count, long available) {
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
