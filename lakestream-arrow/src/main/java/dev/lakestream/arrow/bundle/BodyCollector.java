// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.util.TransferPair;

/**
 * Collects the nodes and buffers of columns, depth first, as slices of the vectors' own buffers.
 * Only offsets that don't begin at 0 are copied, since a cell holds no values before its first.
 */
final class BodyCollector implements AutoCloseable {
  /** Values and nulls of a column or a part of one. */
  record Node(long length, long nulls) {}

  private final BufferAllocator allocator;
  private final List<Node> nodes = new ArrayList<>();
  private List<ArrowBuf> buffers = new ArrayList<>();

  BodyCollector(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  List<Node> nodes() {
    return nodes;
  }

  /** The buffers, which are the caller's to close from now on. */
  List<ArrowBuf> takeBuffers() {
    List<ArrowBuf> taken = buffers;
    buffers = List.of();
    return taken;
  }

  @Override
  public void close() {
    buffers.forEach(ArrowBuf::close);
  }

  /** Adds the first {@code count} values of a vector. */
  void add(ColumnLayout layout, FieldVector vector, int count) {
    if (vector.getValueCount() < count) {
      throw new InvalidRequestException(
          "column '"
              + layout.path()
              + "' has "
              + vector.getValueCount()
              + " values, "
              + count
              + " are wanted");
    }
    addNode(layout, vector, count);
    switch (layout.kind()) {
      case NULL -> {}
      case BITS -> share(vector.getDataBuffer(), 0, (count + 7L) / 8);
      case FIXED -> share(vector.getDataBuffer(), 0, (long) count * layout.width());
      case VARIABLE -> addVariable(layout, vector, count);
      case LIST -> addList(layout, vector, count);
      case FIXED_LIST ->
          add(child(layout), child(vector), Math.multiplyExact(count, layout.width()));
      case STRUCT -> {
        for (int child = 0; child < layout.children().size(); child++) {
          add(layout.children().get(child), vector.getChildrenFromFields().get(child), count);
        }
      }
    }
  }

  private void addNode(ColumnLayout layout, FieldVector vector, int count) {
    if (vector instanceof NullVector) {
      nodes.add(new Node(count, count));
      return;
    }
    int nulls = count == 0 ? 0 : BitVectorHelper.getNullCount(vector.getValidityBuffer(), count);
    if (nulls > 0 && layout.filled()) {
      throw new InvalidRequestException(
          "column '" + layout.path() + "' has " + nulls + " nulls, but is not nullable");
    }
    nodes.add(new Node(count, nulls));
    share(vector.getValidityBuffer(), 0, nulls == 0 ? 0 : (count + 7L) / 8);
  }

  private void addVariable(ColumnLayout layout, FieldVector vector, int count) {
    long first = addOffsets(layout, vector, count);
    long last = offset(layout, vector, count);
    share(vector.getDataBuffer(), first, last - first);
  }

  private void addList(ColumnLayout layout, FieldVector vector, int count) {
    int first = Math.toIntExact(addOffsets(layout, vector, count));
    int values = Math.toIntExact(offset(layout, vector, count)) - first;
    FieldVector items = child(vector);
    if (first == 0) {
      add(child(layout), items, values);
      return;
    }
    TransferPair pair = items.getTransferPair(allocator);
    pair.splitAndTransfer(first, values);
    try (FieldVector part = (FieldVector) pair.getTo()) {
      add(child(layout), part, values);
    }
  }

  /** Adds offsets that begin at 0; returns where the vector's begin. */
  private long addOffsets(ColumnLayout layout, FieldVector vector, int count) {
    long first = offset(layout, vector, 0);
    long bytes = (count + 1L) * layout.width();
    if (count > 0 && first == 0) {
      share(vector.getOffsetBuffer(), 0, bytes);
      return 0;
    }
    ArrowBuf moved = allocator.buffer(bytes).slice(0, bytes);
    buffers.add(moved);
    moved.setZero(0, bytes);
    for (int index = 1; index <= count; index++) {
      long offset = offset(layout, vector, index) - first;
      if (layout.width() == Integer.BYTES) {
        moved.setInt((long) index * Integer.BYTES, (int) offset);
      } else {
        moved.setLong((long) index * Long.BYTES, offset);
      }
    }
    return first;
  }

  /** An offset; a vector of no values need not have any. */
  private static long offset(ColumnLayout layout, FieldVector vector, int index) {
    ArrowBuf offsets = vector.getOffsetBuffer();
    long position = (long) index * layout.width();
    if (offsets.capacity() < position + layout.width()) {
      return 0;
    }
    return layout.width() == Integer.BYTES ? offsets.getInt(position) : offsets.getLong(position);
  }

  private void share(ArrowBuf buffer, long offset, long bytes) {
    ArrowBuf part = bytes == 0 ? allocator.getEmpty() : buffer.slice(offset, bytes);
    part.getReferenceManager().retain();
    buffers.add(part);
  }

  private static ColumnLayout child(ColumnLayout layout) {
    return layout.children().get(0);
  }

  private static FieldVector child(FieldVector vector) {
    return vector.getChildrenFromFields().get(0);
  }
}
