// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.schema.Field;
import dev.lakestream.spark.read.SlotCells;
import dev.lakestream.spark.read.SlotRange;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * The rows of a job that fill no step, n of them: fewer than S full slots that tasks have uploaded,
 * then fewer rows than a slot has. Goes through them in order, as often as one likes, and holds one
 * slot at a time.
 */
final class LastStep implements AutoCloseable {
  private final WritePlan plan;
  private final ObjectStore store;
  private final List<LeftOverCell> full;
  private final VectorSchemaRoot rest;
  private final BufferAllocator allocator;
  private final Set<String> columns;

  LastStep(
      WritePlan plan,
      ObjectStore store,
      List<LeftOverCell> full,
      VectorSchemaRoot rest,
      BufferAllocator allocator) {
    this.plan = plan;
    this.store = store;
    this.full = full;
    this.rest = rest;
    this.allocator = allocator;
    this.columns = plan.fields().stream().map(Field::name).collect(Collectors.toSet());
  }

  /** n. */
  long rows() {
    return (long) full.size() * plan.slotRows() + rest.getRowCount();
  }

  /** Rows that fill no slot. */
  int restRows() {
    return rest.getRowCount();
  }

  /** A copy of those rows. */
  IpcRows rest() throws IOException {
    return restRows() == 0 ? IpcRows.none() : IpcRows.of(rest);
  }

  /**
   * A short step: slot i of S holds the rows ⌊i·n/S⌋ to ⌊(i+1)·n/S⌋, so that no rank goes without
   * more than it must.
   */
  List<LeftOverCell> keep() throws IOException {
    try (LooseCells written = new LooseCells(plan, store, allocator);
        RowGatherer gatherer = new RowGatherer(plan.streamSchema(), allocator)) {
      for (int slot = 0; slot < plan.slots(); slot++) {
        long from = slot * rows() / plan.slots();
        long to = (slot + 1) * rows() / plan.slots();
        write(gatherer, from, to, written);
      }
      return written.finish();
    }
  }

  /** A full step: row q ≥ n is row q mod n again. Slots that are full stay as they are. */
  List<LeftOverCell> pad() throws IOException {
    try (LooseCells written = new LooseCells(plan, store, allocator);
        RowGatherer gatherer = new RowGatherer(plan.streamSchema(), allocator)) {
      for (long slot = full.size(); slot < plan.slots(); slot++) {
        write(gatherer, slot * plan.slotRows(), (slot + 1) * plan.slotRows(), written);
      }
      List<LeftOverCell> all = new ArrayList<>(full);
      all.addAll(written.finish());
      return all;
    }
  }

  /**
   * All rows as they lie, for a later step: full slots, then one of the rows that fill none.
   *
   * @param mostBundles if they lie in more, they are written again, to fewer
   */
  List<LeftOverCell> carry(int mostBundles) throws IOException {
    boolean scattered =
        full.stream().map(cell -> cell.bundle().key()).distinct().count() > mostBundles;
    long first = scattered ? 0 : (long) full.size() * plan.slotRows();
    try (LooseCells written = new LooseCells(plan, store, allocator);
        RowGatherer gatherer = new RowGatherer(plan.streamSchema(), allocator)) {
      for (long row = first; row < rows(); row += plan.slotRows()) {
        write(gatherer, row, Math.min(rows(), row + plan.slotRows()), written);
      }
      List<LeftOverCell> all = new ArrayList<>(scattered ? List.of() : full);
      all.addAll(written.finish());
      return all;
    }
  }

  @Override
  public void close() {
    rest.close();
  }

  private void write(RowGatherer gatherer, long from, long to, LooseCells written)
      throws IOException {
    long next = from;
    while (next < to) {
      next += copy(next % rows(), to - next, gatherer);
    }
    VectorSchemaRoot cell = gatherer.take();
    written.add(cell, plan.meter().measure(cell));
  }

  /** Copies rows from this one on, as far as one slot has them. */
  private int copy(long row, long atMost, RowGatherer gatherer) throws IOException {
    int slot = (int) (row / plan.slotRows());
    int first = (int) (row % plan.slotRows());
    if (slot == full.size()) {
      return copy(rest, first, atMost, gatherer);
    }
    LeftOverCell cell = full.get(slot);
    try (SlotCells cells =
            new SlotCells(
                store,
                SlotRange.only(cell.bundle(), cell.slot()),
                plan.streamSchema(),
                columns,
                allocator);
        VectorSchemaRoot rows = cells.rows(cell.slot(), 0)) {
      return copy(rows, first, atMost, gatherer);
    }
  }

  private static int copy(VectorSchemaRoot source, int first, long atMost, RowGatherer gatherer) {
    int count = (int) Math.min(atMost, source.getRowCount() - first);
    gatherer.append(source, first, count);
    return count;
  }
}
