// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.sequence;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.jspecify.annotations.Nullable;

/** One sequence column of a result, filled row by row, for one slot after another. */
final class CutColumn implements AutoCloseable {
  private final Field field;
  private final @Nullable SequenceColumn[] sources;
  private final SequenceColumn[] present;
  private final BufferAllocator allocator;
  private final int width;
  private final boolean fixedSize;
  private ArrowBuf values;
  private ArrowBuf offsets;
  private int rows;
  private long position;
  private int total;

  /**
   * @param field as the result has it
   * @param sources by piece; null where the piece is not needed
   */
  CutColumn(Field field, @Nullable SequenceColumn[] sources, BufferAllocator allocator) {
    this.field = field;
    this.sources = sources;
    this.present =
        Arrays.stream(sources)
            .flatMap(source -> Optional.ofNullable(source).stream())
            .toArray(SequenceColumn[]::new);
    this.allocator = allocator;
    this.fixedSize = field.type() instanceof ColumnType.FixedSizeList;
    this.width = itemWidth(field.type());
    this.values = allocator.getEmpty();
    this.offsets = allocator.getEmpty();
  }

  private static int itemWidth(ColumnType type) {
    return type instanceof ColumnType.FixedSizeList list
        ? list.item().type().width()
        : ((ColumnType.ListOf) type).item().type().width();
  }

  String name() {
    return field.name();
  }

  /** How many values a row has in each piece; {@link #hasLength} tells if they agree. */
  long length(int row) {
    return present[0].length(row);
  }

  boolean hasLength(int row, long length) {
    for (SequenceColumn source : present) {
      if (source.length(row) != length) {
        return false;
      }
    }
    return true;
  }

  /** Makes room for so many rows and values; what was there is gone. */
  void begin(int itsRows, long itsTotal, CutErrors errors) {
    if (itsTotal > Integer.MAX_VALUE) {
      throw errors.indivisible("column '" + name() + "' has " + itsTotal + " values in one slot");
    }
    rows = itsRows;
    total = (int) itsTotal;
    position = 0;
    values = room(values, itsTotal * width);
    if (!fixedSize) {
      offsets = room(offsets, (rows + 1L) * Integer.BYTES);
      offsets.setInt(0, 0);
    }
  }

  private ArrowBuf room(ArrowBuf present, long bytes) {
    if (present.capacity() >= bytes) {
      return present;
    }
    ArrowBuf larger = allocator.buffer(bytes);
    present.close();
    return larger;
  }

  /** Appends a row. */
  void copy(int row, CopyPlan plan) {
    for (int copy = 0; copy < plan.size(); copy++) {
      SequenceColumn source = Objects.requireNonNull(sources[plan.piece(copy)]);
      long from = (source.start(row) + plan.offset(copy)) * width;
      long bytes = plan.length(copy) * width;
      values.setBytes(position, source.values(), from, bytes);
      position += bytes;
    }
    if (!fixedSize) {
      offsets.setInt((row + 1L) * Integer.BYTES, (int) (position / width));
    }
  }

  /** How many values there are in all rows. */
  int items() {
    return total;
  }

  ArrowBuf values() {
    return values;
  }

  ArrowBuf offsets() {
    return offsets;
  }

  /** The column as a vector of its own. */
  FieldVector vector() {
    FieldVector vector = ArrowSchemas.toArrow(field).createVector(allocator);
    ArrowBuf noValidity = allocator.getEmpty();
    vector.loadFieldBuffers(
        new ArrowFieldNode(rows, 0),
        fixedSize ? List.of(noValidity) : List.of(noValidity, offsets));
    vector
        .getChildrenFromFields()
        .get(0)
        .loadFieldBuffers(new ArrowFieldNode(total, 0), List.of(noValidity, values));
    return vector;
  }

  /** Lets go of the buffers; vectors made of them hold their own references. */
  @Override
  public void close() {
    values.close();
    offsets.close();
  }
}
