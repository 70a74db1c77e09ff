// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Which slots of which bundles a step has, from {@code docs/format.md} §5 alone. */
final class Slots {
  private static final int HEADER_BYTES = 32;
  private static final int ENTRY_BYTES = 32;

  private Slots() {}

  /**
   * Those of a step of a group.
   *
   * @param later how many steps of the group come before it
   */
  static List<Truth.Slot> of(JsonNode group, JsonNode bundles, int later) {
    List<Truth.Slot> slots = new ArrayList<>();
    if (group.has("bundle")) {
      JsonNode bundle = bundles.get(group.get("bundle").asInt());
      add(bundle, 0, bundle.get("slots").asInt(), later, slots);
    }
    for (JsonNode cells : group.path("cells")) {
      add(
          bundles.get(cells.get(0).asInt()),
          cells.get(1).asInt(),
          cells.get(2).asInt(),
          cells.get(3).asInt() + later,
          slots);
    }
    return slots;
  }

  private static void add(JsonNode bundle, int first, int count, int step, List<Truth.Slot> slots) {
    for (int slot = first; slot < first + count; slot++) {
      int run = bundle.at("/runs/base").asInt() + slot * bundle.at("/runs/stride").asInt();
      slots.add(
          new Truth.Slot(
              bundle.get("key").asText(), slot, step, run + HEADER_BYTES + ENTRY_BYTES * step));
    }
  }
}
