// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts where the slots of all rows begin: the rows before the first such place belong to a slot of
 * the task before, and the slots before the first place where a step begins to a step of it.
 */
final class OrderedCut implements SlotCut {
  private final WritePlan plan;
  private final int partition;
  private final TaskCells cells;
  private final long counted;
  private final long headRows;
  private final int leadingSlots;
  private IpcRows head = IpcRows.none();
  private List<LeftOverCell> leading = new ArrayList<>();
  private long rows;
  private long slots;

  OrderedCut(WritePlan plan, int partition, TaskCells cells) {
    this.plan = plan;
    this.partition = partition;
    this.cells = cells;
    this.counted = plan.rowCounts().rows(partition);
    long start = plan.rowCounts().start(partition);
    this.headRows = Math.floorMod(-start, (long) plan.slotRows());
    this.leadingSlots =
        Math.toIntExact(
            Math.floorMod(-((start + headRows) / plan.slotRows()), (long) plan.slots()));
  }

  @Override
  public void after() throws IOException {
    rows++;
    if (rows > counted) {
      throw changed();
    }
    if (rows == headRows) {
      head = cells.takeRows();
    } else if (rows > headRows && cells.rows() == plan.slotRows()) {
      cells.endSlot();
      slots++;
      if (slots == leadingSlots) {
        leading = cells.packer().finishRest();
      }
    }
  }

  @Override
  public TaskReceipt finish() throws IOException {
    if (rows != counted) {
      throw changed();
    }
    if (rows < headRows) {
      head = cells.takeRows();
    }
    IpcRows rest = cells.takeRows();
    List<TaskSteps> steps = cells.packer().finishSteps();
    List<LeftOverCell> last = cells.packer().finishRest();
    return new TaskReceipt(head, leading, steps, List.of(), last, rest);
  }

  private InvalidRequestException changed() {
    return new InvalidRequestException(
        "partition "
            + partition
            + " had "
            + counted
            + " rows when they were counted, and "
            + (rows > counted ? "has more" : "has " + rows)
            + " now: option 'order' = 'ordered' needs an input that is the same each time; persist"
            + " it, or write it to a table first");
  }
}
