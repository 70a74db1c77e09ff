// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.bundle.BundleResult.BundleStep;
import dev.lakestream.arrow.bundle.BundleResult.SlotSummary;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The cells of a bundle that is being written, by step, slot and piece. */
final class CellTable implements AutoCloseable {
  private static final int NAMED_MISSING = 8;

  /** A cell with the tokens of its slot. */
  record Entry(EncodedCell cell, long tokens) {
    /** Its directory entry. */
    byte[] bytes() {
      return RunDirectory.encodeEntry(cell, tokens);
    }
  }

  private final int slots;
  private final Map<Integer, Map<Integer, List<Entry>>> steps = new TreeMap<>();
  private long bytes;

  CellTable(int slots) {
    this.slots = slots;
  }

  long bytes() {
    return bytes;
  }

  /** K, if nothing is missing. */
  int steps() {
    return steps.size();
  }

  void requireAbsent(int step, int slot) {
    if (steps.getOrDefault(step, Map.of()).containsKey(slot)) {
      throw new InvalidRequestException(
          "slot " + slot + " of step " + step + " of the bundle was added before");
    }
  }

  /** Takes over the cells of a slot, one for each piece. */
  void put(int step, int slot, List<EncodedCell> cells, long tokens) {
    steps
        .computeIfAbsent(step, absent -> new TreeMap<>())
        .put(slot, cells.stream().map(cell -> new Entry(cell, tokens)).toList());
    bytes += cells.stream().mapToLong(EncodedCell::length).sum();
  }

  void requireComplete(ObjectKey key) {
    int last = steps.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
    List<String> missing = new ArrayList<>();
    for (int step = 0; step <= last; step++) {
      Map<Integer, List<Entry>> present = steps.getOrDefault(step, Map.of());
      for (int slot = 0; slot < slots && missing.size() <= NAMED_MISSING; slot++) {
        if (!present.containsKey(slot)) {
          missing.add("step " + step + " slot " + slot);
        }
      }
    }
    if (!missing.isEmpty()) {
      String more = missing.size() > NAMED_MISSING ? " and more" : "";
      throw new InvalidRequestException(
          "the bundle "
              + key
              + " lacks "
              + String.join(", ", missing.subList(0, Math.min(missing.size(), NAMED_MISSING)))
              + more);
    }
  }

  /** The cells of a run, in the order of steps. */
  List<Entry> run(int piece, int slot) {
    return steps.keySet().stream().map(step -> pieces(step, slot).get(piece)).toList();
  }

  BundleStep summary(int step) {
    return BundleStep.of(
        IntStream.range(0, slots).mapToObj(slot -> summary(pieces(step, slot))).toList());
  }

  private List<Entry> pieces(int step, int slot) {
    return Objects.requireNonNull(Objects.requireNonNull(steps.get(step)).get(slot));
  }

  /** What the pieces of one slot add up to: rows and tokens are those of each of them. */
  static SlotSummary summary(List<Entry> pieces) {
    Entry first = pieces.get(0);
    return new SlotSummary(
        first.cell().rows(),
        first.tokens(),
        StepDigest.ofSlot(pieces.stream().map(Entry::bytes).toList()));
  }

  @Override
  public void close() {
    for (Map<Integer, List<Entry>> step : steps.values()) {
      step.values().forEach(slot -> slot.forEach(entry -> entry.cell().close()));
    }
    steps.clear();
    bytes = 0;
  }
}
