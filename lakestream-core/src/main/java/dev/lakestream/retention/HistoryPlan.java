// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Up to where history may go ({@code docs/format.md} §8). Pure.
 *
 * <p>Must: keep two intact roots and every entry from the older of them on; delete nothing that is
 * not below a horizon which has stood for the grace time.
 *
 * @param keptRoot version of the second newest intact root; empty if there are not two
 * @param newHorizon the horizon to put, if it is above all that there are
 * @param deleteBelow entries, roots and segments below this version may go; 0 for none
 * @param oldHorizons marks that the newest one of age stands for
 */
record HistoryPlan(
    Optional<Long> keptRoot, Optional<Long> newHorizon, long deleteBelow, List<Long> oldHorizons) {
  HistoryPlan {
    oldHorizons = List.copyOf(oldHorizons);
  }

  /**
   * The plan.
   *
   * @param intactRoots versions of roots all of whose segments were read
   * @param horizons when the store stamped each mark
   * @param now by the store's clock, after it had stamped all of them
   */
  static HistoryPlan of(
      List<Long> intactRoots, Map<Long, Instant> horizons, Instant now, Duration grace) {
    Optional<Long> keptRoot =
        intactRoots.stream().sorted(Comparator.reverseOrder()).skip(1).findFirst();
    if (keptRoot.isEmpty()) {
      return new HistoryPlan(keptRoot, Optional.empty(), 0, List.of());
    }
    long highest = horizons.keySet().stream().reduce(0L, Math::max);
    long aged =
        horizons.entrySet().stream()
            .filter(mark -> !mark.getValue().plus(grace).isAfter(now))
            .map(Map.Entry::getKey)
            .reduce(0L, Math::max);
    return new HistoryPlan(
        keptRoot,
        keptRoot.filter(version -> version > highest),
        Math.min(aged, keptRoot.get()),
        horizons.keySet().stream().filter(version -> version < aged).sorted().toList());
  }
}
