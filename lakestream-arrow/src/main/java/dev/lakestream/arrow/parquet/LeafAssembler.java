// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Puts the values of one leaf into the vectors where its levels say that they belong. Of vectors
 * that several leaves share, the first leaf fills all; the others fill their own, which must come
 * out as long. Not thread-safe.
 */
final class LeafAssembler {
  private final ParquetLeaf leaf;
  private final NodeVector[] vectors;
  private final int firstOwn;
  private final int[] afterList;
  private int lastDefinition = -1;
  private long rows;

  /**
   * @param column the vector of the column; those below it are added where they are not there yet
   * @param fresh whether nothing was put into the column before
   */
  LeafAssembler(
      ParquetLeaf leaf,
      NodeVector column,
      boolean fresh,
      BufferAllocator allocator,
      Claims claims) {
    this.leaf = leaf;
    List<PathNode> nodes = leaf.nodes();
    this.vectors = new NodeVector[nodes.size()];
    vectors[0] = column;
    int own = fresh ? 0 : nodes.size();
    for (int depth = 1; depth < nodes.size(); depth++) {
      NodeVector parent = vectors[depth - 1];
      int child = nodes.get(depth - 1).child();
      if (!parent.hasChild(child)) {
        own = Math.min(own, depth);
        parent.addChild(new NodeVector(nodes.get(depth), leaf.type(), allocator, claims));
      }
      vectors[depth] = parent.child(child);
    }
    this.firstOwn = own;
    this.afterList = new int[leaf.maxRepetition() + 1];
    for (int depth = 0; depth < nodes.size(); depth++) {
      if (nodes.get(depth).isList()) {
        afterList[nodes.get(depth).repetition()] = depth + 1;
      }
    }
  }

  long rows() {
    return rows;
  }

  /** Adds the values of a page that has so many levels. */
  void add(LevelReader repetitions, LevelReader definitions, PlainValues values, int levels) {
    int left = levels;
    while (left > 0) {
      int repetition = repetitions.level();
      int definition = definitions.level();
      // Only the innermost level can stand for several values at once: nothing is repeated in them.
      int count =
          repetition == leaf.maxRepetition()
              ? (int) Math.min(left, Math.min(repetitions.run(), definitions.run()))
              : 1;
      requireOpen(repetition, definition);
      rows += repetition == 0 ? count : 0;
      add(afterList[repetition], definition, count, values);
      lastDefinition = definition;
      repetitions.skip(count);
      definitions.skip(count);
      left -= count;
    }
  }

  /** What is repeated needs a list that has begun, and is itself an element of it. */
  private void requireOpen(int repetition, int definition) {
    if (repetition > 0) {
      int element = leaf.nodes().get(afterList[repetition] - 1).element();
      if (lastDefinition < element || definition < element) {
        throw new MalformedParquetException(
            "column '" + leaf.path() + "' goes on with a list that has not begun");
      }
    }
  }

  private void add(int from, int definition, int count, PlainValues values) {
    for (int depth = from; depth < vectors.length; depth++) {
      PathNode node = leaf.nodes().get(depth);
      if (definition < node.present()) {
        addNulls(depth, count);
        return;
      }
      boolean own = depth >= firstOwn;
      if (node.kind() == PathNode.Kind.LEAF) {
        vectors[depth].addValues(values, count);
      } else if (own) {
        vectors[depth].addPresent(count);
      }
      if (node.isList() && definition < node.element()) {
        return;
      }
    }
  }

  /** Nulls of a node, and what stands for them below. */
  private void addNulls(int from, int count) {
    int more = count;
    for (int depth = from; depth < vectors.length; depth++) {
      PathNode node = leaf.nodes().get(depth);
      if (depth >= firstOwn) {
        vectors[depth].addNulls(more);
      }
      if (node.kind() == PathNode.Kind.LIST) {
        return;
      }
      if (node.kind() == PathNode.Kind.FIXED_LIST) {
        long below = (long) more * node.size();
        if (below > Integer.MAX_VALUE) {
          throw new MalformedParquetException("column '" + node.path() + "' has too many values");
        }
        more = (int) below;
      }
    }
  }
}
