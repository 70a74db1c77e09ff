// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.place;

import dev.lakestream.stream.CommittedGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive slots of consecutive steps of a group.
 *
 * @param isOfWholeSteps whether these are all slots
 */
public record Cut(long firstStep, int steps, int firstSlot, int slots, boolean isOfWholeSteps) {
  private record Slots(int first, int count) {}

  /** The parts of some steps of a group that meet a condition, in order; none is empty. */
  public static List<Cut> of(PlaceFilter filter, CommittedGroup group, long first, long end) {
    PlaceBox all = PlaceBox.of(group, first, end - 1);
    return switch (filter.test(all)) {
      case NONE -> List.of();
      case ALL -> List.of(whole(group, first, end));
      case SOME -> stepByStep(filter, group, all);
    };
  }

  /** All slots of some steps. */
  public static Cut whole(CommittedGroup group, long first, long end) {
    return new Cut(first, (int) (end - first), 0, group.slots(), true);
  }

  private static List<Cut> stepByStep(PlaceFilter filter, CommittedGroup group, PlaceBox box) {
    List<Cut> cuts = new ArrayList<>();
    List<Slots> open = List.of();
    long openedAt = box.steps().low();
    for (long step = openedAt; step <= box.steps().high(); step++) {
      List<Slots> slots = new ArrayList<>();
      select(filter, box.withStep(step), slots);
      if (!slots.equals(open)) {
        close(open, openedAt, step, group, cuts);
        open = slots;
        openedAt = step;
      }
    }
    close(open, openedAt, box.steps().high() + 1, group, cuts);
    return cuts;
  }

  private static void close(
      List<Slots> open, long first, long end, CommittedGroup group, List<Cut> cuts) {
    for (Slots slots : open) {
      cuts.add(
          new Cut(
              first, (int) (end - first), slots.first, slots.count, slots.count == group.slots()));
    }
  }

  /** Halves the slots of a step until each half meets the condition or does not. */
  private static void select(PlaceFilter filter, PlaceBox step, List<Slots> found) {
    long low = step.slots().low();
    long high = step.slots().high();
    switch (filter.test(step)) {
      case NONE -> {}
      case ALL -> add((int) low, (int) (high - low + 1), found);
      case SOME -> {
        if (low == high) {
          throw new IllegalStateException("a condition is undecided for one cell: " + filter);
        }
        long middle = (low + high) >>> 1;
        select(filter, step.withSlots(low, middle), found);
        select(filter, step.withSlots(middle + 1, high), found);
      }
    }
  }

  private static void add(int first, int count, List<Slots> found) {
    int last = found.size() - 1;
    if (last >= 0 && found.get(last).first + found.get(last).count == first) {
      found.set(last, new Slots(found.get(last).first, found.get(last).count + count));
    } else {
      found.add(new Slots(first, count));
    }
  }
}
