// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.spark.options.Remainder;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Makes the steps of a job of what its tasks have left. Full slots are taken where they lie; only
 * rows that straddle tasks are written again, and those of the last short step.
 */
final class StepArrangement {
  private final WritePlan plan;
  private final ObjectStore store;
  private final Remainder remainder;
  private final BufferAllocator allocator;

  StepArrangement(
      WritePlan plan, ObjectStore store, Remainder remainder, BufferAllocator allocator) {
    this.plan = plan;
    this.store = store;
    this.remainder = remainder;
    this.allocator = allocator;
  }

  /** The steps, all cells of them durable. */
  Arranged of(List<TaskReceipt> receipts) throws IOException {
    return switch (plan.order()) {
      case UNORDERED -> unordered(receipts);
      case ORDERED -> ordered(receipts);
      case EXPLICIT -> ExplicitSteps.arrange(receipts);
    };
  }

  private Arranged unordered(List<TaskReceipt> receipts) throws IOException {
    StepAssembly steps = new StepAssembly();
    try (LastStep last = addWholeSteps(steps, receipts)) {
      return end(steps, last);
    }
  }

  /**
   * Adds the whole steps of unordered rows: those of the tasks come first, then what is left over
   * is put together.
   *
   * @return the rows that fill none; the caller closes it
   */
  LastStep addWholeSteps(StepAssembly steps, List<TaskReceipt> receipts) throws IOException {
    receipts.forEach(receipt -> receipt.steps().forEach(steps::add));
    List<LeftOverCell> slots = new ArrayList<>();
    receipts.forEach(receipt -> slots.addAll(receipt.cells()));
    try (StraddlingRows straddling = new StraddlingRows(plan, store, allocator)) {
      for (TaskReceipt receipt : receipts) {
        straddling.add(receipt.rest());
      }
      slots.addAll(straddling.finish());
      return lastStep(steps, slots, straddling);
    }
  }

  /** Everything comes where its rows are. */
  private Arranged ordered(List<TaskReceipt> receipts) throws IOException {
    try (StraddlingRows straddling = new StraddlingRows(plan, store, allocator)) {
      OrderedSlots order = new OrderedSlots();
      for (TaskReceipt receipt : receipts) {
        order.addStraddling(straddling.add(receipt.head()));
        order.addSlots(receipt.leading());
        order.addSteps(receipt.steps());
        order.addSlots(receipt.cells());
        order.addStraddling(straddling.add(receipt.rest()));
      }
      StepAssembly steps = new StepAssembly();
      List<LeftOverCell> rest = order.resolve(straddling.finish(), plan.slots(), steps);
      try (LastStep last = lastStep(steps, rest, straddling)) {
        return end(steps, last);
      }
    }
  }

  private LastStep lastStep(
      StepAssembly steps, List<LeftOverCell> slots, StraddlingRows straddling) {
    int whole = slots.size() / plan.slots() * plan.slots();
    for (int first = 0; first < whole; first += plan.slots()) {
      steps.addStep(slots.subList(first, first + plan.slots()));
    }
    List<LeftOverCell> rest = List.copyOf(slots.subList(whole, slots.size()));
    return new LastStep(plan, store, rest, straddling.takeRest(), allocator);
  }

  private Arranged end(StepAssembly steps, LastStep last) throws IOException {
    LastRows rows = LastRows.add(last, steps, remainder, plan.stepRows());
    return new Arranged(steps.content(), rows.dropped(), rows.inShortStep(), OptionalLong.empty());
  }
}
