// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.sequence;

import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;

/**
 * Cuts the sequence columns of slots: from C stored pieces (C = 1: whole rows) to the chunks that
 * somebody wants. Values are copied once, outside of the heap, and only where the wanted ones are
 * not just one stored piece.
 *
 * <p>Not thread-safe.
 */
public final class SequenceCutter {
  private final StreamSchema schema;
  private final int pieces;
  private final SequenceCut cut;
  private final BufferAllocator allocator;
  private final List<Integer> needed;
  private final RowPlanner planner;
  private final CopyPlan plan = new CopyPlan();
  private final Bounds stored = new Bounds();
  private final Bounds wanted = new Bounds();

  /**
   * @param schema of the stream; only its {@code sequence} columns are cut, so one without wants
   *     one piece and no copy
   * @param pieces C of what is stored
   */
  public SequenceCutter(
      StreamSchema schema, int pieces, SequenceCut cut, BufferAllocator allocator) {
    this.schema = schema;
    this.pieces = pieces;
    this.cut = cut;
    this.allocator = allocator;
    this.needed =
        schema.sequence().isEmpty() ? List.of(0) : cut.piecesNeeded(pieces, schema.boundaries());
    this.planner = new RowPlanner(pieces, cut);
  }

  /** The stored pieces that are needed, ascending. */
  public List<Integer> piecesNeeded() {
    return needed;
  }

  /** Whether the one piece needed is the result. */
  public boolean isIdentity() {
    return schema.sequence().isEmpty() || (needed.size() == 1 && (pieces > 1 || cut.isWhole()));
  }

  /** The columns that say where documents begin, as far as cutting needs them. */
  public List<String> boundariesNeeded() {
    List<String> names = new ArrayList<>();
    if (!isIdentity()) {
      cut.boundaries().ifPresent(names::add);
      storedBoundaries().filter(name -> !names.contains(name)).ifPresent(names::add);
    }
    return names;
  }

  /**
   * The sequence columns as they are wanted, by name, in new vectors that the caller closes.
   *
   * @param roots the needed pieces of one slot, in order; they stay the caller's
   */
  public Map<String, FieldVector> cut(List<VectorSchemaRoot> roots, CutErrors errors) {
    int rows = roots.get(0).getRowCount();
    if (roots.stream().anyMatch(root -> root.getRowCount() != rows)) {
      throw errors.damaged("the pieces of a slot differ in rows");
    }
    List<CutColumn> columns = new ArrayList<>();
    try {
      for (String name : schema.sequence()) {
        columns.add(column(name, roots));
      }
      long[] lengths = lengths(columns, rows, errors);
      columns.forEach(column -> column.allocate(resultLengths(lengths), errors));
      copyRows(roots.get(0), columns, lengths, errors);
      Map<String, FieldVector> result = new LinkedHashMap<>();
      columns.forEach(column -> result.put(column.name(), column.finish()));
      return result;
    } finally {
      columns.forEach(CutColumn::close);
    }
  }

  /** How many values each row of the result has; refuses rows that contradict themselves. */
  private long[] lengths(List<CutColumn> columns, int rows, CutErrors errors) {
    long[] lengths = new long[rows];
    for (int row = 0; row < rows; row++) {
      long length = columns.get(0).length(row);
      for (CutColumn column : columns) {
        if (!column.hasLength(row, length)) {
          throw errors.damaged(
              "column '"
                  + column.name()
                  + "', row "
                  + row
                  + ": its sequences or pieces differ in length");
        }
      }
      lengths[row] = length * pieces;
    }
    return lengths;
  }

  private void copyRows(
      VectorSchemaRoot root, List<CutColumn> columns, long[] lengths, CutErrors errors) {
    Optional<ListVector> storedColumn = storedBoundaries().map(name -> bounds(root, name));
    Optional<ListVector> wantedColumn = cut.boundaries().map(name -> bounds(root, name));
    boolean sharePlans = storedColumn.isEmpty() && wantedColumn.isEmpty();
    for (int row = 0; row < lengths.length; row++) {
      if (row == 0 || !sharePlans || lengths[row] != lengths[row - 1]) {
        read(storedColumn, row, lengths[row], stored, errors);
        read(wantedColumn, row, lengths[row], wanted, errors);
        checkStored(columns, row, errors);
        checkDivides(columns, row, errors);
        planner.plan(stored, wanted, plan);
      }
      for (CutColumn column : columns) {
        column.copy(row, plan);
      }
    }
  }

  private void read(
      Optional<ListVector> column, int row, long length, Bounds bounds, CutErrors errors) {
    if (column.isEmpty()) {
      bounds.setWhole(length);
      return;
    }
    ListVector lists = column.get();
    int first = lists.getElementStartIndex(row);
    int count = lists.getElementEndIndex(row) - first;
    if (!bounds.set(lists.getDataVector().getDataBuffer(), first, count, length)) {
      throw errors.damaged(
          "column '"
              + lists.getName()
              + "', row "
              + row
              + ": it does not hold the starts of documents and the length "
              + length
              + " of the sequence");
    }
  }

  /** What was cut into pieces must have been divisible; only damage can break that. */
  private void checkStored(List<CutColumn> columns, int row, CutErrors errors) {
    for (int document = 0; document < stored.documents(); document++) {
      if (stored.length(document) % pieces != 0) {
        throw errors.damaged(
            where(columns, row, document, stored)
                + " of "
                + stored.length(document)
                + " values is stored in "
                + pieces
                + " pieces");
      }
    }
  }

  private void checkDivides(List<CutColumn> columns, int row, CutErrors errors) {
    for (int document = 0; document < wanted.documents(); document++) {
      if (wanted.length(document) % cut.parts() != 0) {
        throw errors.indivisible(
            where(columns, row, document, wanted)
                + " has "
                + wanted.length(document)
                + " values, which "
                + cut.parts()
                + " chunks do not divide: pad it to a multiple");
      }
    }
  }

  private static String where(List<CutColumn> columns, int row, int document, Bounds bounds) {
    String part = bounds.documents() == 1 ? "the sequence" : "document " + document;
    return "column '" + columns.get(0).name() + "', row " + row + ": " + part;
  }

  private Optional<String> storedBoundaries() {
    return pieces == 1 ? Optional.empty() : schema.boundaries();
  }

  /** A column of the result, filled from the same column of the needed pieces. */
  private CutColumn column(String name, List<VectorSchemaRoot> roots) {
    SequenceColumn[] sources = new SequenceColumn[pieces];
    for (int index = 0; index < roots.size(); index++) {
      sources[needed.get(index)] = SequenceColumn.of(roots.get(index).getVector(name));
    }
    return new CutColumn(resultField(schema.field(name).orElseThrow()), sources, allocator);
  }

  private Field resultField(Field field) {
    return field.type() instanceof ColumnType.FixedSizeList list
        ? new Field(
            field.name(),
            new ColumnType.FixedSizeList(
                list.item(), list.size() / cut.parts() * cut.chunks().size()),
            field.nullable())
        : field;
  }

  private long[] resultLengths(long[] lengths) {
    return Arrays.stream(lengths)
        .map(length -> length / cut.parts() * cut.chunks().size())
        .toArray();
  }

  private static ListVector bounds(VectorSchemaRoot root, String name) {
    return (ListVector) root.getVector(name);
  }
}
