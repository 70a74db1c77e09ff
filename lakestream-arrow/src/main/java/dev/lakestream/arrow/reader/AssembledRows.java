// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.CellWindow;
import dev.lakestream.arrow.bundle.ListWindow;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.arrow.sequence.CutErrors;
import dev.lakestream.arrow.sequence.CutRows;
import dev.lakestream.schema.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * The root of a slot whose cells are not what is wanted: some columns are those of a window over
 * the first piece, some are cut from all pieces, and what bundles lack is null. It follows what the
 * windows show, and allocates nothing, unless there is more of it than ever before.
 */
final class AssembledRows implements AutoCloseable {
  private final List<VectorSchemaRoot> pieces;
  private final Optional<CutRows> cut;
  private final List<CutColumn> cutColumns = new ArrayList<>();
  private final List<NullColumn> nullColumns = new ArrayList<>();
  private final VectorSchemaRoot root;

  /** A column of the result, and its number among those that are cut. */
  private record CutColumn(int number, ListWindow window) {}

  AssembledRows(SlotAssembly assembly, List<CellWindow> windows) {
    this.pieces = windows.stream().map(CellWindow::root).toList();
    this.cut =
        assembly.cutter().isIdentity()
            ? Optional.empty()
            : Optional.of(assembly.cutter().of(pieces));
    List<FieldVector> columns = new ArrayList<>();
    for (Field field : assembly.delivered()) {
      columns.add(column(assembly, field));
    }
    this.root = new VectorSchemaRoot(assembly.schema(), columns, 0);
  }

  private FieldVector column(SlotAssembly assembly, Field field) {
    org.apache.arrow.vector.types.pojo.Field type = ArrowSchemas.toArrow(field);
    OptionalInt number = cut.map(rows -> rows.number(field.name())).orElse(OptionalInt.empty());
    FieldVector stored = pieces.get(0).getVector(field.name());
    if (number.isPresent()) {
      ListWindow window = new ListWindow(type, field, assembly.allocator());
      cutColumns.add(new CutColumn(number.getAsInt(), window));
      return window.vector();
    } else if (stored == null) {
      NullColumn column = new NullColumn(type, assembly.allocator());
      nullColumns.add(column);
      return column.vector();
    }
    return stored;
  }

  /** Shows the rows that the windows show now. */
  void show(CutErrors errors) {
    int rows = pieces.get(0).getRowCount();
    if (cut.isPresent()) {
      cut.get().run(errors);
    }
    for (int index = 0; index < cutColumns.size(); index++) {
      showCut(cutColumns.get(index), cut.get());
    }
    for (int index = 0; index < nullColumns.size(); index++) {
      nullColumns.get(index).show(rows);
    }
    ListWindow.setRows(root, rows);
  }

  private static void showCut(CutColumn column, CutRows rows) {
    column
        .window()
        .show(
            rows.rows(),
            rows.offsets(column.number()),
            rows.items(column.number()),
            rows.values(column.number()));
  }

  VectorSchemaRoot root() {
    return root;
  }

  /** Whether this is of what the windows show with: their vectors are new after an error. */
  boolean isOf(CellWindow[] windows) {
    for (int piece = 0; piece < windows.length; piece++) {
      if (windows[piece].root() != pieces.get(piece)) {
        return false;
      }
    }
    for (int column = 0; column < cutColumns.size(); column++) {
      if (!cutColumns.get(column).window().isWhole()) {
        return false;
      }
    }
    return true;
  }

  /** Lets go of all but the windows' vectors, which are theirs. */
  @Override
  public void close() {
    for (CutColumn column : cutColumns) {
      column.window().close();
    }
    for (NullColumn column : nullColumns) {
      column.vector().close();
    }
    cut.ifPresent(CutRows::close);
  }
}
