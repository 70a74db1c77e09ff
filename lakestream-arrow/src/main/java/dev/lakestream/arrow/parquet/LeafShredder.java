// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import dev.lakestream.error.InvalidRequestException;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;

/**
 * Takes the values of one leaf out of vectors, with the levels that say where they belong. What is
 * next to each other in the vectors is taken at once. Not thread-safe.
 */
final class LeafShredder {
  private final ParquetLeaf leaf;
  private final FieldVector[] vectors;
  private final boolean[] hasNulls;
  private final ByteSink values;
  private final LevelWriter repetitions;
  private final LevelWriter definitions;
  private long levels;
  private long bits;

  /**
   * @param column the vector of the leaf's column
   * @param repetitions where its repetition levels go
   * @param definitions where its definition levels go
   * @param values where its values go, as a page holds them
   */
  LeafShredder(
      ParquetLeaf leaf,
      FieldVector column,
      LevelWriter repetitions,
      LevelWriter definitions,
      ByteSink values) {
    this.leaf = leaf;
    this.values = values;
    this.repetitions = repetitions;
    this.definitions = definitions;
    int depth = leaf.nodes().size();
    this.vectors = new FieldVector[depth];
    this.hasNulls = new boolean[depth];
    FieldVector vector = column;
    for (int node = 0; node < depth; node++) {
      vectors[node] = vector;
      hasNulls[node] = vector.getValueCount() > 0 && vector.getNullCount() > 0;
      List<FieldVector> children = vector.getChildrenFromFields();
      vector = children.isEmpty() ? vector : children.get(leaf.nodes().get(node).child());
    }
  }

  /** Levels since the page began. */
  long levels() {
    return levels;
  }

  /** Ends a page; the values stay where they are. */
  void endPage() {
    repetitions.finish();
    definitions.finish();
    levels = 0;
    bits = 0;
  }

  /** Adds rows [from, to). */
  void add(int from, int to) {
    addRange(0, from, to, 0, 0);
  }

  /** Adds values of a node: the first one is repeated at one level, the others at another one. */
  private void addRange(int depth, int from, int to, int first, int others) {
    if (from >= to) {
      return;
    }
    PathNode node = leaf.nodes().get(depth);
    if (!hasNulls[depth]) {
      addPresent(depth, from, to, first, others);
      return;
    }
    FieldVector vector = vectors[depth];
    int start = from;
    while (start < to) {
      boolean isNull = vector.isNull(start);
      int stop = start + 1;
      while (stop < to && vector.isNull(stop) == isNull) {
        stop++;
      }
      int repetition = start == from ? first : others;
      if (isNull) {
        requireNullable(node);
        level(repetition, others, node.present() - 1, stop - start);
      } else {
        addPresent(depth, start, stop, repetition, others);
      }
      start = stop;
    }
  }

  private void addPresent(int depth, int from, int to, int first, int others) {
    PathNode node = leaf.nodes().get(depth);
    switch (node.kind()) {
      case STRUCT -> addRange(depth + 1, from, to, first, others);
      case LIST, FIXED_LIST -> {
        for (int index = from; index < to; index++) {
          int start = start(depth, node, index);
          int stop = start(depth, node, index + 1);
          int repetition = index == from ? first : others;
          if (start == stop) {
            level(repetition, others, node.present(), 1);
          } else {
            addRange(depth + 1, start, stop, repetition, node.repetition());
          }
        }
      }
      case LEAF -> {
        level(first, others, node.present(), to - from);
        addValues(vectors[depth], from, to);
      }
    }
  }

  private static void requireNullable(PathNode node) {
    if (!node.nullable()) {
      throw new InvalidRequestException(
          "column '" + node.path() + "' has nulls, but is not nullable");
    }
  }

  private int start(int depth, PathNode node, int index) {
    if (node.kind() == PathNode.Kind.FIXED_LIST) {
      return Math.multiplyExact(index, node.size());
    }
    ArrowBuf offsets = vectors[depth].getOffsetBuffer();
    return node.size() == Integer.BYTES
        ? offsets.getInt((long) index * Integer.BYTES)
        : Math.toIntExact(offsets.getLong((long) index * Long.BYTES));
  }

  private void level(int first, int others, int definition, int count) {
    repetitions.add(first, 1);
    if (count > 1) {
      repetitions.add(others, count - 1L);
    }
    definitions.add(definition, count);
    levels += count;
  }

  private void addValues(FieldVector vector, int from, int to) {
    if (vector instanceof NullVector) {
      return;
    }
    LeafType type = leaf.type();
    ArrowBuf data = vector.getDataBuffer();
    int width = type.width();
    switch (type.form()) {
      case NOTHING -> {}
      case SAME -> values.put(data, (long) from * width, (long) (to - from) * width);
      case BITS -> {
        for (int index = from; index < to; index++) {
          values.putBit(bits++, (data.getByte(index >> 3) >> (index & 7) & 1) != 0);
        }
      }
      case SIGNED -> {
        for (int index = from; index < to; index++) {
          values.putInt(width == 1 ? data.getByte(index) : data.getShort(index * 2L));
        }
      }
      case UNSIGNED -> {
        for (int index = from; index < to; index++) {
          values.putInt(
              width == 1 ? data.getByte(index) & 0xFF : data.getShort(index * 2L) & 0xFFFF);
        }
      }
      case REVERSED -> {
        for (int index = from; index < to; index++) {
          long low = data.getLong((long) index * width);
          long high = data.getLong((long) index * width + Long.BYTES);
          values.putLong(Long.reverseBytes(high));
          values.putLong(Long.reverseBytes(low));
        }
      }
      case VARIABLE -> {
        ArrowBuf offsets = vector.getOffsetBuffer();
        for (int index = from; index < to; index++) {
          long start = offset(offsets, width, index);
          long length = offset(offsets, width, index + 1) - start;
          values.putInt(Math.toIntExact(length));
          values.put(data, start, length);
        }
      }
    }
  }

  private static long offset(ArrowBuf offsets, int width, int index) {
    return width == Integer.BYTES
        ? offsets.getInt((long) index * width)
        : offsets.getLong((long) index * width);
  }
}
