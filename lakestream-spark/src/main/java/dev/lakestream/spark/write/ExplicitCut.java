// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;

/** Cuts where rows say that another step, or another slot, begins. They come sorted by both. */
final class ExplicitCut implements SlotCut {
  private static final long NONE = -1;

  private final WritePlan plan;
  private final PlaceColumns places;
  private final TaskCells cells;
  private final List<Long> steps = new ArrayList<>();
  private long step = NONE;
  private int slot;
  private long stepRows;

  ExplicitCut(WritePlan plan, TaskCells cells) {
    this.plan = plan;
    this.places = plan.places();
    this.cells = cells;
  }

  @Override
  public void before(InternalRow row) throws IOException {
    long next = row.isNullAt(places.step()) ? NONE : row.getLong(places.step());
    if (next < 0) {
      throw new InvalidRequestException(
          "column '"
              + PlaceColumns.STEP
              + "' of a row "
              + what(row, places.step(), next)
              + ": it is the index of a step, 0 or more");
    }
    if (next != step) {
      endStep();
      beginStep(next);
    }
    if (places.hasSlot()) {
      advanceTo(slotOf(row));
    }
    if (stepRows == plan.stepRows()) {
      throw new InvalidRequestException(
          "step " + step + " has more than globalBatchSize = " + plan.stepRows() + " rows");
    }
  }

  @Override
  public void after() throws IOException {
    stepRows++;
    if (!places.hasSlot() && cells.rows() == plan.slotRows()) {
      endSlot();
    }
  }

  @Override
  public TaskReceipt finish() throws IOException {
    endStep();
    List<TaskSteps> made = cells.packer().finishSteps();
    List<Long> numbers = new ArrayList<>();
    int first = 0;
    for (TaskSteps each : made) {
      numbers.add(steps.get(first));
      first += each.count();
    }
    return new TaskReceipt(IpcRows.none(), List.of(), made, numbers, List.of(), IpcRows.none());
  }

  private void beginStep(long next) throws IOException {
    if (step != NONE && next != step + 1) {
      cells.packer().endBundle();
    }
    step = next;
    slot = 0;
    stepRows = 0;
    steps.add(next);
  }

  private void endStep() throws IOException {
    if (step == NONE) {
      return;
    }
    if (places.hasSlot()) {
      advanceTo(plan.slots());
    } else if (stepRows != plan.stepRows()) {
      throw new InvalidRequestException(
          "step "
              + step
              + " has "
              + stepRows
              + " rows, globalBatchSize is "
              + plan.stepRows()
              + ": rows of a shorter step must say their slot, in a column '"
              + PlaceColumns.SLOT
              + "'");
    }
  }

  /** Ends the slots before this one, empty ones too. */
  private void advanceTo(int wanted) throws IOException {
    if (wanted < slot) {
      throw new IllegalStateException("rows of step " + step + " are not sorted by slot");
    }
    while (slot < wanted) {
      endSlot();
    }
  }

  private void endSlot() throws IOException {
    cells.endSlot();
    slot++;
  }

  private int slotOf(InternalRow row) {
    int found = row.isNullAt(places.slot()) ? -1 : row.getInt(places.slot());
    if (found < 0 || found >= plan.slots()) {
      throw new InvalidRequestException(
          "column '"
              + PlaceColumns.SLOT
              + "' of a row of step "
              + step
              + " "
              + what(row, places.slot(), found)
              + ": a step has the slots 0 to "
              + (plan.slots() - 1));
    }
    return found;
  }

  private static String what(InternalRow row, int ordinal, long value) {
    return row.isNullAt(ordinal) ? "is null" : "is " + value;
  }
}
