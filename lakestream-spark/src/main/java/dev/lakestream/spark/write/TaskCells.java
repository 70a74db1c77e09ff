// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.spark.vector.CellBuilder;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.catalyst.InternalRow;

/** The slot that a task is forming, and the steps that become of those before. */
final class TaskCells implements AutoCloseable {
  private final WritePlan plan;
  private final CellBuilder cell;
  private final StepPacker packer;

  TaskCells(WritePlan plan, ObjectStore store, BufferAllocator allocator) {
    this.plan = plan;
    this.cell =
        new CellBuilder(
            plan.fields(),
            plan.ordinals().stream().mapToInt(Integer::intValue).toArray(),
            allocator);
    this.packer = new StepPacker(plan, store, allocator);
  }

  StepPacker packer() {
    return packer;
  }

  /** Rows of the slot that is being formed. */
  int rows() {
    return cell.rows();
  }

  void append(InternalRow row) {
    beginIfNew();
    cell.append(row);
  }

  /** The slot has all its rows, which may be none. */
  void endSlot() throws IOException {
    beginIfNew();
    packer.add(cell.finish());
  }

  /** The rows that are no slot yet; the next row begins anew. */
  IpcRows takeRows() throws IOException {
    if (cell.rows() == 0) {
      return IpcRows.none();
    }
    try (VectorSchemaRoot rows = cell.finish()) {
      return IpcRows.of(rows);
    }
  }

  @Override
  public void close() throws IOException {
    try (cell) {
      packer.close();
    }
  }

  private void beginIfNew() {
    if (cell.rows() == 0) {
      cell.begin(plan.slotRows());
    }
  }
}
