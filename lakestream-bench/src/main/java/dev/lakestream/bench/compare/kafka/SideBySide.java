// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import dev.lakestream.bench.BenchResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One figure of every feed, measured in turn, run after run; the first feed is ours. */
final class SideBySide {
  private final String variant;
  private final String unit;
  private final Map<String, List<Double>> byFeed = new LinkedHashMap<>();

  SideBySide(String variant, String unit) {
    this.variant = variant;
    this.unit = unit;
  }

  void add(String feed, double value) {
    byFeed.computeIfAbsent(feed, absent -> new ArrayList<>()).add(value);
  }

  private List<Double> of(String feed) {
    return byFeed.getOrDefault(feed, List.of());
  }

  /** The median of a feed. */
  double median(String feed) {
    return BenchResult.of("", "", "", of(feed)).value();
  }

  /** Our figure beside that of each other one; the other's median stands with it. */
  List<BenchResult> results(String bench) {
    List<BenchResult> results = new ArrayList<>();
    List<String> feeds = List.copyOf(byFeed.keySet());
    String ours = feeds.get(0);
    for (String other : feeds.subList(1, feeds.size())) {
      results.add(
          BenchResult.against(bench, variant, unit, of(ours), other, of(other))
              .with(Map.of("other", median(other))));
    }
    return results;
  }
}
