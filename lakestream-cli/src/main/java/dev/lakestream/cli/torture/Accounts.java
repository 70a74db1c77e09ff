// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Accounts for every row: each producer's rows, in the order in which the steps delivered them,
 * must be 0, 1, 2, … up to where the log says that the producer got, each once; and what was
 * acknowledged must be where the acknowledgement said.
 */
final class Accounts {
  private static final int REPORTED = 20;

  private final int slotsOfReader;
  private final long[] nextRow;

  /** Producer and first row of each step, by step. */
  private final List<StepOwner> owners = new ArrayList<>();

  private final List<String> faults = new ArrayList<>();
  private long faultCount;
  private long acknowledged;

  private record StepOwner(int producer, long firstRow) {}

  Accounts(int producers, int readers) {
    this.nextRow = new long[producers];
    this.slotsOfReader = SourceRows.SLOTS / readers;
  }

  List<String> faults() {
    List<String> told = new ArrayList<>(faults);
    if (faultCount > faults.size()) {
      told.add("and " + (faultCount - faults.size()) + " faults more");
    }
    return told;
  }

  long steps() {
    return owners.size();
  }

  long rows() {
    long rows = 0;
    for (long row : nextRow) {
      rows += row;
    }
    return rows;
  }

  long acknowledged() {
    return acknowledged;
  }

  /**
   * Goes through all that the readers wrote down, step by step.
   *
   * @param journals by the rank of the reader
   */
  void deliver(List<Path> journals) throws IOException {
    List<List<List<DeliveredSlot>>> shares = new ArrayList<>();
    for (int rank = 0; rank < journals.size(); rank++) {
      shares.add(share(rank, journals.get(rank)));
    }
    int steps = shares.get(0).size();
    for (int rank = 1; rank < shares.size(); rank++) {
      if (shares.get(rank).size() != steps) {
        fault("reader " + rank + " got " + shares.get(rank).size() + " steps, reader 0 " + steps);
      }
      steps = Math.min(steps, shares.get(rank).size());
    }
    for (int step = 0; step < steps; step++) {
      List<DeliveredSlot> slots = new ArrayList<>();
      for (List<List<DeliveredSlot>> share : shares) {
        slots.addAll(share.get(step));
      }
      owners.add(new StepOwner(slots.get(0).producer(), slots.get(0).firstRow()));
      for (DeliveredSlot slot : slots) {
        count(step, slot);
      }
    }
  }

  private List<List<DeliveredSlot>> share(int rank, Path journal) throws IOException {
    List<List<DeliveredSlot>> share = new ArrayList<>();
    Journal.read(
        journal,
        line -> {
          long step = line.required("step").longValue();
          if (step != share.size()) {
            fault("reader " + rank + " got step " + step + " after step " + (share.size() - 1));
          }
          List<DeliveredSlot> slots = new ArrayList<>();
          for (JsonNode slot : line.required("slots")) {
            int number = slot.get(0).intValue();
            if (number != rank * slotsOfReader + slots.size()) {
              fault("reader " + rank + " got slot " + number + " of step " + step);
            }
            slots.add(
                new DeliveredSlot(
                    number,
                    slot.get(1).intValue(),
                    slot.get(2).longValue(),
                    slot.get(3).intValue()));
          }
          if (slots.size() != slotsOfReader) {
            fault("reader " + rank + " got " + slots.size() + " slots of step " + step);
          }
          share.add(slots);
        });
    return share;
  }

  private void count(int step, DeliveredSlot slot) {
    if (slot.producer() < 0 || slot.producer() >= nextRow.length) {
      fault("step " + step + " has rows of the unknown producer " + slot.producer());
    } else if (slot.firstRow() != nextRow[slot.producer()]) {
      fault(
          "step "
              + step
              + " slot "
              + slot.slot()
              + " begins with row "
              + slot.firstRow()
              + " of producer "
              + slot.producer()
              + ", its next is "
              + nextRow[slot.producer()]);
      nextRow[slot.producer()] = slot.firstRow() + slot.rows();
    } else {
      nextRow[slot.producer()] += slot.rows();
    }
  }

  /**
   * Compares with where the log says that a producer got; rows of an attachment are not out yet.
   */
  void checkPosition(int producer, Position position) {
    long expected = position.nextRow() - (long) position.rest().size() * SourceRows.SLOT_ROWS;
    if (nextRow[producer] != expected) {
      fault(
          "producer "
              + producer
              + " committed the rows below "
              + expected
              + ", those below "
              + nextRow[producer]
              + " were delivered");
    }
  }

  /** Looks for what one producer process had acknowledged. */
  void checkAcknowledged(int producer, Path journal) throws IOException {
    Journal.read(
        journal,
        line -> {
          acknowledged++;
          long first = line.required("first_step").longValue();
          long steps = line.required("steps").longValue();
          for (long step = first; step < first + steps; step++) {
            boolean there = step < owners.size() && owners.get((int) step).producer() == producer;
            if (!there) {
              fault(
                  "step " + step + " was acknowledged to producer " + producer + ", it is not its");
            }
          }
          long row = line.required("first_row").longValue();
          if (steps > 0 && first < owners.size() && owners.get((int) first).firstRow() != row) {
            fault(
                "step "
                    + first
                    + " was acknowledged with the rows from "
                    + row
                    + ", it has others");
          }
        });
  }

  private void fault(String what) {
    faultCount++;
    if (faults.size() < REPORTED) {
      faults.add(what);
    }
  }
}
