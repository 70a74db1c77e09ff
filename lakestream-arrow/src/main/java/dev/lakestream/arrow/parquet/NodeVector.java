// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import dev.lakestream.arrow.parquet.LeafType.Form;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** The buffers of one vector while its values come in, and of its children. Not thread-safe. */
final class NodeVector implements AutoCloseable {
  private final PathNode node;
  private final LeafType type;
  private final ByteSink validity;
  private final ByteSink offsets;
  private final ByteSink values;
  private final List<NodeVector> children = new ArrayList<>();
  private int count;
  private int nulls;

  /**
   * @param type of the leaf that the node was met on the way to; it counts only for that
   */
  NodeVector(PathNode node, LeafType type, BufferAllocator allocator, Claims claims) {
    this.node = node;
    this.type = type;
    this.validity = new ByteSink(allocator, claims);
    this.offsets = new ByteSink(allocator, claims);
    this.values = new ByteSink(allocator, claims);
  }

  int count() {
    return count;
  }

  /** The child of this number, if it was added. */
  boolean hasChild(int number) {
    return number < children.size();
  }

  NodeVector child(int number) {
    return children.get(number);
  }

  /** Adds the next child. */
  NodeVector addChild(NodeVector child) {
    children.add(child);
    return child;
  }

  /** Appends nulls, with what stands for them below on the way to all leaves. */
  void addNulls(int more) {
    if (node.kind() == PathNode.Kind.LIST) {
      putOffsets(more);
    } else if (node.kind() == PathNode.Kind.LEAF) {
      addNullValues(more);
    }
    mark(false, more);
  }

  /** Appends values of a leaf; the page is read on. */
  void addValues(PlainValues page, int more) {
    page.copyTo(values, offsets, type, more, count);
    mark(true, more);
  }

  /** Appends a struct, or the beginning of a list whose elements follow. */
  void addPresent(int more) {
    if (node.kind() == PathNode.Kind.LIST) {
      putOffsets(more);
    } else if (node.kind() == PathNode.Kind.FIXED_LIST) {
      requireFull();
    }
    mark(true, more);
  }

  /** Ends all values; what is built must fit together. */
  void finish() {
    switch (node.kind()) {
      case LIST -> putOffsets(1);
      case FIXED_LIST -> requireFull();
      case STRUCT -> {
        for (NodeVector child : children) {
          if (child.count != count) {
            throw new MalformedParquetException(
                "column '"
                    + child.node.path()
                    + "' has "
                    + child.count
                    + " of "
                    + count
                    + " values");
          }
        }
      }
      case LEAF -> {
        if (type.form() == Form.VARIABLE) {
          PlainValues.putOffset(type, values.length(), offsets);
        }
      }
    }
    children.forEach(NodeVector::finish);
  }

  /** Loads a vector with it. */
  void load(FieldVector vector) {
    ArrowFieldNode loaded = new ArrowFieldNode(count, nulls);
    List<ArrowBuf> buffers = new ArrayList<>();
    if (node.kind() == PathNode.Kind.LEAF && type.form() == Form.NOTHING) {
      vector.loadFieldBuffers(new ArrowFieldNode(count, count), buffers);
      return;
    }
    buffers.add(validity.view());
    if (node.kind() == PathNode.Kind.LIST || isVariable()) {
      buffers.add(offsets.view());
    }
    if (node.kind() == PathNode.Kind.LEAF) {
      buffers.add(values.view());
    }
    for (int child = 0; child < children.size(); child++) {
      children.get(child).load(childOf(vector, child));
    }
    vector.loadFieldBuffers(loaded, buffers);
  }

  private static FieldVector childOf(FieldVector vector, int child) {
    return vector.getChildrenFromFields().get(child);
  }

  private boolean isVariable() {
    return node.kind() == PathNode.Kind.LEAF && type.form() == Form.VARIABLE;
  }

  private void addNullValues(int more) {
    switch (type.form()) {
      case NOTHING -> {}
      case BITS -> values.putBits(count, false, more);
      case VARIABLE -> {
        for (int i = 0; i < more; i++) {
          PlainValues.putOffset(type, values.length(), offsets);
        }
      }
      default -> values.putZeros((long) more * type.width());
    }
  }

  /** Where the next values of a list begin. */
  private void putOffsets(int more) {
    int start = children.get(0).count;
    for (int i = 0; i < more; i++) {
      if (node.size() == Integer.BYTES) {
        offsets.putInt(start);
      } else {
        offsets.putLong(start);
      }
    }
  }

  private void requireFull() {
    if (children.get(0).count != (long) count * node.size()) {
      throw new MalformedParquetException(
          "column '" + node.path() + "' has lists that are not of " + node.size() + " values");
    }
  }

  private void mark(boolean valid, int more) {
    if (nulls == 0 && !valid) {
      validity.putBits(0, true, count);
    }
    nulls += valid ? 0 : more;
    if (nulls > 0) {
      validity.putBits(count, valid, more);
    }
    if (more > Integer.MAX_VALUE - count) {
      throw new MalformedParquetException("column '" + node.path() + "' has too many values");
    }
    count += more;
  }

  @Override
  public void close() {
    validity.close();
    offsets.close();
    values.close();
    children.forEach(NodeVector::close);
  }
}
