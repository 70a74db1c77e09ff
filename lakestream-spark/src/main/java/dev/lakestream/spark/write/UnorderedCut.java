// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.io.IOException;
import java.util.List;

/** Every R rows are a slot, every S slots a step, beginning with the first row of the task. */
final class UnorderedCut implements SlotCut {
  private final WritePlan plan;
  private final TaskCells cells;

  UnorderedCut(WritePlan plan, TaskCells cells) {
    this.plan = plan;
    this.cells = cells;
  }

  @Override
  public void after() throws IOException {
    if (cells.rows() == plan.slotRows()) {
      cells.endSlot();
    }
  }

  @Override
  public TaskReceipt finish() throws IOException {
    IpcRows rest = cells.takeRows();
    List<TaskSteps> steps = cells.packer().finishSteps();
    return TaskReceipt.unordered(steps, cells.packer().finishRest(), rest);
  }
}
