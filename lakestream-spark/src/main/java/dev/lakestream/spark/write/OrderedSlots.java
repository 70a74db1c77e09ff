// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.util.ArrayList;
import java.util.List;

/**
 * The slots and steps of a job in the order of its rows. Slots of rows that straddle tasks have
 * their places before they are durable. Pure.
 */
final class OrderedSlots {
  private sealed interface Part {}

  private record Slot(LeftOverCell cell) implements Part {}

  private record Straddling(int number) implements Part {}

  private record Steps(TaskSteps steps) implements Part {}

  private final List<Part> parts = new ArrayList<>();
  private int straddling;

  void addSlots(List<LeftOverCell> cells) {
    cells.forEach(cell -> parts.add(new Slot(cell)));
  }

  void addSteps(List<TaskSteps> steps) {
    steps.forEach(each -> parts.add(new Steps(each)));
  }

  /** The next so many of the slots that straddle tasks. */
  void addStraddling(int count) {
    for (int i = 0; i < count; i++) {
      parts.add(new Straddling(straddling++));
    }
  }

  /**
   * Adds all steps that are complete.
   *
   * @param durable the slots that straddle tasks
   * @return the slots after the last step
   */
  List<LeftOverCell> resolve(List<LeftOverCell> durable, int slotsOfStep, StepAssembly assembly) {
    List<LeftOverCell> open = new ArrayList<>();
    for (Part part : parts) {
      if (part instanceof Steps whole) {
        if (!open.isEmpty()) {
          throw new IllegalStateException("a task began a step where none begins: " + open.size());
        }
        assembly.add(whole.steps());
      } else {
        open.add(part instanceof Slot slot ? slot.cell() : durable.get(number(part)));
      }
      if (open.size() == slotsOfStep) {
        assembly.addStep(open);
        open = new ArrayList<>();
      }
    }
    return open;
  }

  private static int number(Part part) {
    return ((Straddling) part).number();
  }
}
