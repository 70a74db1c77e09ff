// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Makes slots of rows that straddle tasks: fewer than one slot, or two, of each task. */
final class StraddlingRows implements AutoCloseable {
  private final WritePlan plan;
  private final BufferAllocator allocator;
  private final LooseCells slots;
  private final RowGatherer gatherer;

  StraddlingRows(WritePlan plan, ObjectStore store, BufferAllocator allocator) {
    this.plan = plan;
    this.allocator = allocator;
    this.slots = new LooseCells(plan, store, allocator);
    this.gatherer = new RowGatherer(plan.streamSchema(), allocator);
  }

  /**
   * Adds rows of a task to those before.
   *
   * @return how many slots they have filled
   */
  int add(IpcRows rows) throws IOException {
    int before = gatherer.rows();
    int[] added = new int[1];
    rows.giveTo(
        part -> {
          added[0] += part.getRowCount();
          gather(part);
        },
        allocator);
    return (before + added[0]) / plan.slotRows();
  }

  /** The full slots in order, durable. */
  List<LeftOverCell> finish() throws IOException {
    return slots.finish();
  }

  /** The rows after the last full slot, which the caller closes. */
  VectorSchemaRoot takeRest() {
    return gatherer.take();
  }

  @Override
  public void close() {
    slots.close();
    gatherer.close();
  }

  private void gather(VectorSchemaRoot rows) throws IOException {
    int next = 0;
    while (next < rows.getRowCount()) {
      int count = Math.min(plan.slotRows() - gatherer.rows(), rows.getRowCount() - next);
      gatherer.append(rows, next, count);
      next += count;
      if (gatherer.rows() == plan.slotRows()) {
        VectorSchemaRoot cell = gatherer.take();
        slots.add(cell, plan.meter().measure(cell));
      }
    }
  }
}
