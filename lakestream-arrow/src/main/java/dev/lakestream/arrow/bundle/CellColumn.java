// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.schema.Field;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * A column of cells.
 *
 * @param wanted whether anybody wants it decoded
 * @param node number of its first node in a cell
 */
record CellColumn(
    org.apache.arrow.vector.types.pojo.Field arrow, ColumnLayout layout, boolean wanted, int node) {
  static List<CellColumn> of(List<Field> columns, Set<String> wanted) {
    List<ColumnLayout> layouts = columns.stream().map(ColumnLayout::of).toList();
    return IntStream.range(0, columns.size())
        .mapToObj(
            index ->
                new CellColumn(
                    ArrowSchemas.toArrow(columns.get(index)),
                    layouts.get(index),
                    wanted.contains(columns.get(index).name()),
                    nodes(layouts.subList(0, index))))
        .toList();
  }

  /** The schema of the wanted ones. */
  static Schema schema(List<CellColumn> columns) {
    return new Schema(columns.stream().filter(CellColumn::wanted).map(CellColumn::arrow).toList());
  }

  /** How to read the metadata of cells of these columns. */
  static CellMetadata metadata(List<CellColumn> columns) {
    List<ColumnLayout> layouts = columns.stream().map(CellColumn::layout).toList();
    return new CellMetadata(nodes(layouts), buffers(columns));
  }

  static int buffers(List<CellColumn> columns) {
    return columns.stream().mapToInt(column -> column.layout().buffers()).sum();
  }

  private static int nodes(List<ColumnLayout> layouts) {
    return layouts.stream().mapToInt(ColumnLayout::nodes).sum();
  }
}
