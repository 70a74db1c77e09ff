// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;

/** How many bytes of its bundles a step takes: what limits of the lead count. */
final class StepBytes {
  private StepBytes() {}

  /** Those of each step of a group; one of cells of several bundles takes its share of each. */
  static double of(JsonNode group, JsonNode bundles) {
    if (group.has("bundle")) {
      return bundles.get(group.get("bundle").asInt()).get("bytes").asDouble()
          / group.get("steps").size();
    }
    double bytes = 0;
    for (JsonNode cells : group.path("cells")) {
      JsonNode bundle = bundles.get(cells.get(0).asInt());
      int cellsOfBundle = bundle.get("slots").asInt() * bundle.get("steps").asInt();
      bytes += bundle.get("bytes").asDouble() * cells.get(2).asInt() / cellsOfBundle;
    }
    return bytes;
  }
}
