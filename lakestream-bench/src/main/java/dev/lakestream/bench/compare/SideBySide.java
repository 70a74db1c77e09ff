// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare;

import dev.lakestream.bench.BenchResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One figure of every side, measured in turn, run after run; the first side of the first run is
 * ours.
 */
public final class SideBySide {
  private final String variant;
  private final String unit;
  private final Map<String, List<Double>> bySide = new LinkedHashMap<>();

  /** Nothing yet. */
  public SideBySide(String variant, String unit) {
    this.variant = variant;
    this.unit = unit;
  }

  /** The figure of one more run. */
  public void add(String side, double value) {
    bySide.computeIfAbsent(side, absent -> new ArrayList<>()).add(value);
  }

  /** All sides, ours first. */
  public List<String> sides() {
    return List.copyOf(bySide.keySet());
  }

  private List<Double> of(String side) {
    return bySide.getOrDefault(side, List.of());
  }

  /** The median of a side. */
  public double median(String side) {
    return BenchResult.of("", "", "", of(side)).value();
  }

  /**
   * Our figure beside that of each other one, whose median stands with it; by itself where there is
   * no other.
   */
  public List<BenchResult> results(String bench) {
    List<BenchResult> results = new ArrayList<>();
    List<String> sides = sides();
    if (sides.isEmpty()) {
      return results;
    }
    String ours = sides.get(0);
    if (sides.size() == 1) {
      results.add(BenchResult.of(bench, variant + ", " + ours, unit, of(ours)));
    }
    for (String other : sides.subList(1, sides.size())) {
      results.add(BenchResult.against(bench, variant, unit, of(ours), other, of(other)));
    }
    return results;
  }
}
