// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.spark.options.Remainder;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes whole steps of what all tasks have left over. Full slots are taken where they lie; only
 * rows that straddle tasks, fewer than one slot of each task, are written again, and those of the
 * last short step.
 */
final class LeftOvers {
  private static final Logger LOG = LoggerFactory.getLogger(LeftOvers.class);

  private final WritePlan plan;
  private final ObjectStore store;
  private final BufferAllocator allocator;

  LeftOvers(WritePlan plan, ObjectStore store, BufferAllocator allocator) {
    this.plan = plan;
    this.store = store;
    this.allocator = allocator;
  }

  /**
   * Adds the steps.
   *
   * @return rows that were dropped
   * @throws InvalidRequestException if rows remain and that was to be an error
   */
  long addTo(StepAssembly steps, List<TaskReceipt> receipts, Remainder remainder)
      throws IOException {
    try (LastStep last = addWholeSteps(steps, receipts)) {
      return last.rows() == 0 ? 0 : addLast(last, steps, remainder);
    }
  }

  /** Adds the whole steps, and gives back what fills none; the caller closes it. */
  LastStep addWholeSteps(StepAssembly steps, List<TaskReceipt> receipts) throws IOException {
    List<LeftOverCell> cells = new ArrayList<>();
    receipts.forEach(receipt -> cells.addAll(receipt.cells()));
    try (LooseCells straddling = new LooseCells(plan, store, allocator);
        RowGatherer gatherer = new RowGatherer(plan.streamSchema(), allocator)) {
      for (TaskReceipt receipt : receipts) {
        receipt.rest().giveTo(rows -> gather(rows, gatherer, straddling), allocator);
      }
      cells.addAll(straddling.finish());
      int whole = cells.size() / plan.slots() * plan.slots();
      for (int first = 0; first < whole; first += plan.slots()) {
        steps.addStep(cells.subList(first, first + plan.slots()));
      }
      List<LeftOverCell> rest = List.copyOf(cells.subList(whole, cells.size()));
      return new LastStep(plan, store, rest, gatherer.take(), allocator);
    }
  }

  private void gather(VectorSchemaRoot rows, RowGatherer gatherer, LooseCells straddling)
      throws IOException {
    int next = 0;
    while (next < rows.getRowCount()) {
      int count = Math.min(plan.slotRows() - gatherer.rows(), rows.getRowCount() - next);
      gatherer.append(rows, next, count);
      next += count;
      if (gatherer.rows() == plan.slotRows()) {
        VectorSchemaRoot cell = gatherer.take();
        straddling.add(cell, plan.meter().measure(cell));
      }
    }
  }

  private long addLast(LastStep last, StepAssembly steps, Remainder remainder) throws IOException {
    String what = last.rows() + " rows remain that fill no step of " + plan.stepRows() + " rows";
    switch (remainder) {
      case KEEP -> {
        LOG.warn("{}: they make a short step (option remainder = keep)", what);
        steps.addStep(last.keep());
        return 0;
      }
      case PAD -> {
        LOG.info("{}: they are repeated until it is full (option remainder = pad)", what);
        steps.addStep(last.pad());
        return 0;
      }
      case DROP -> {
        LOG.warn("{}: they are dropped (option remainder = drop)", what);
        return last.rows();
      }
      case CARRY -> throw new IllegalStateException("rows to carry are no last step");
      case ERROR ->
          throw new InvalidRequestException(
              what
                  + ", and option 'remainder' is 'error': nothing was committed; choose another "
                  + "'globalBatchSize', or 'remainder' keep, drop or pad");
    }
    throw new IllegalStateException("nothing can be done now with remainder " + remainder);
  }
}
