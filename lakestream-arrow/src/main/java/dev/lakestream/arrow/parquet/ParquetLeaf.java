// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import java.util.List;

/**
 * One column of a Parquet file: a leaf of a column of the stream.
 *
 * @param column number of the stream's column
 * @param names of the groups and the leaf, as the file has them
 * @param nodes the vectors from the column's to the leaf's
 */
record ParquetLeaf(int column, List<String> names, List<PathNode> nodes, LeafType type) {
  ParquetLeaf {
    names = List.copyOf(names);
    nodes = List.copyOf(nodes);
  }

  String path() {
    return nodes.get(nodes.size() - 1).path();
  }

  int maxDefinition() {
    return nodes.get(nodes.size() - 1).present();
  }

  int maxRepetition() {
    return (int) nodes.stream().filter(PathNode::isList).count();
  }
}
