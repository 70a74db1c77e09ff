// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.sequence;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;

/**
 * The sequence columns of one slot as they are wanted, cut out of the vectors of its pieces. These
 * may show other rows later: then {@link #run} again, which allocates nothing unless there are more
 * values than ever before.
 *
 * <p>Not thread-safe.
 */
public final class CutRows implements AutoCloseable {
  private final List<VectorSchemaRoot> roots;
  private final CutColumn[] columns;
  private final Optional<ListVector> storedColumn;
  private final Optional<ListVector> wantedColumn;
  private final int pieces;
  private final SequenceCut cut;
  private final RowPlanner planner;
  private final CopyPlan plan = new CopyPlan();
  private final Bounds stored = new Bounds();
  private final Bounds wanted = new Bounds();
  private long[] lengths = {};
  private int rows;

  CutRows(
      List<VectorSchemaRoot> roots,
      CutColumn[] columns,
      Optional<String> storedBoundaries,
      int pieces,
      SequenceCut cut) {
    this.roots = roots;
    this.columns = columns;
    this.storedColumn = storedBoundaries.map(this::bounds);
    this.wantedColumn = cut.boundaries().map(this::bounds);
    this.pieces = pieces;
    this.cut = cut;
    this.planner = new RowPlanner(pieces, cut);
  }

  private ListVector bounds(String name) {
    return (ListVector) roots.get(0).getVector(name);
  }

  /** Cuts the rows that the pieces show now. */
  public void run(CutErrors errors) {
    rows = roots.get(0).getRowCount();
    for (int piece = 1; piece < roots.size(); piece++) {
      if (roots.get(piece).getRowCount() != rows) {
        throw errors.damaged("the pieces of a slot differ in rows");
      }
    }
    readLengths(errors);
    for (CutColumn column : columns) {
      column.begin(rows, total(), errors);
    }
    copyRows(errors);
  }

  /** How many values each row has in its pieces; refuses rows that contradict themselves. */
  private void readLengths(CutErrors errors) {
    if (lengths.length < rows) {
      lengths = new long[rows];
    }
    for (int row = 0; row < rows; row++) {
      long length = columns[0].length(row);
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
  }

  /** Values of the result. */
  private long total() {
    long total = 0;
    for (int row = 0; row < rows; row++) {
      total += lengths[row] / cut.parts() * cut.chunks().size();
    }
    return total;
  }

  private void copyRows(CutErrors errors) {
    boolean sharePlans = storedColumn.isEmpty() && wantedColumn.isEmpty();
    for (int row = 0; row < rows; row++) {
      if (row == 0 || !sharePlans || lengths[row] != lengths[row - 1]) {
        read(storedColumn, row, stored, errors);
        read(wantedColumn, row, wanted, errors);
        checkStored(row, errors);
        checkDivides(row, errors);
        planner.plan(stored, wanted, plan);
      }
      for (CutColumn column : columns) {
        column.copy(row, plan);
      }
    }
  }

  private void read(Optional<ListVector> column, int row, Bounds bounds, CutErrors errors) {
    if (column.isEmpty()) {
      bounds.setWhole(lengths[row]);
      return;
    }
    ListVector lists = column.get();
    int first = lists.getElementStartIndex(row);
    int count = lists.getElementEndIndex(row) - first;
    if (!bounds.set(lists.getDataVector().getDataBuffer(), first, count, lengths[row])) {
      throw errors.damaged(
          "column '"
              + lists.getName()
              + "', row "
              + row
              + ": it does not hold the starts of documents and the length "
              + lengths[row]
              + " of the sequence");
    }
  }

  /** What was cut into pieces must have been divisible; only damage can break that. */
  private void checkStored(int row, CutErrors errors) {
    for (int document = 0; document < stored.documents(); document++) {
      if (stored.length(document) % pieces != 0) {
        throw errors.damaged(
            where(row, document, stored)
                + " of "
                + stored.length(document)
                + " values is stored in "
                + pieces
                + " pieces");
      }
    }
  }

  private void checkDivides(int row, CutErrors errors) {
    for (int document = 0; document < wanted.documents(); document++) {
      if (wanted.length(document) % cut.parts() != 0) {
        throw errors.indivisible(
            where(row, document, wanted)
                + " has "
                + wanted.length(document)
                + " values, which "
                + cut.parts()
                + " chunks do not divide: pad it to a multiple");
      }
    }
  }

  private String where(int row, int document, Bounds bounds) {
    String part = bounds.documents() == 1 ? "the sequence" : "document " + document;
    return "column '" + columns[0].name() + "', row " + row + ": " + part;
  }

  /** The number of a column, by name; empty if it is not cut. */
  public OptionalInt number(String name) {
    return IntStream.range(0, columns.length)
        .filter(column -> columns[column].name().equals(name))
        .findFirst();
  }

  /** Rows of the result. */
  public int rows() {
    return rows;
  }

  /** How many values a column has in all rows. */
  public int items(int column) {
    return columns[column].items();
  }

  /** The values of a column; valid until the next {@link #run} or {@link #close}. */
  public ArrowBuf values(int column) {
    return columns[column].values();
  }

  /** Where the rows of a column begin among its values, unless all are as long; valid as those. */
  public ArrowBuf offsets(int column) {
    return columns[column].offsets();
  }

  /** The columns as new vectors, which hold what they are made of. */
  Map<String, FieldVector> vectors() {
    Map<String, FieldVector> vectors = new LinkedHashMap<>();
    for (CutColumn column : columns) {
      vectors.put(column.name(), column.vector());
    }
    return vectors;
  }

  /** Lets go of the values; vectors made of them hold their own references. */
  @Override
  public void close() {
    for (CutColumn column : columns) {
      column.close();
    }
  }
}
