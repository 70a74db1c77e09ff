// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One figure of a benchmark.
 *
 * @param bench name of the benchmark
 * @param variant what was varied: sizes, ranks, options
 * @param value the median of what was measured
 * @param unit of the value
 * @param against what it is compared with; empty if with nothing
 * @param ratio ours ÷ the other side's, the median over runs made in turn; NaN if compared with
 *     nothing
 * @param runs every single value, in the order of the runs
 * @param further figures of the same case, by their names
 */
public record BenchResult(
    String bench,
    String variant,
    double value,
    String unit,
    String against,
    double ratio,
    List<Double> runs,
    Map<String, Double> further) {
  public BenchResult {
    runs = List.copyOf(runs);
    further = Collections.unmodifiableMap(new LinkedHashMap<>(further));
  }

  /** A figure that stands for itself, such as a count. */
  public static BenchResult of(String bench, String variant, double value, String unit) {
    return new BenchResult(bench, variant, value, unit, "", Double.NaN, List.of(value), Map.of());
  }

  /** The figure of these runs. */
  public static BenchResult of(String bench, String variant, String unit, List<Double> runs) {
    return new BenchResult(bench, variant, median(runs), unit, "", Double.NaN, runs, Map.of());
  }

  /**
   * Ours beside the other side's, measured in turn: run i of one beside run i of the other. Its
   * median and spread are further figures.
   */
  public static BenchResult against(
      String bench,
      String variant,
      String unit,
      List<Double> ours,
      String other,
      List<Double> theirs) {
    double[] ratios = new double[ours.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ours.get(i) / theirs.get(i);
    }
    return new BenchResult(
        bench,
        variant,
        median(ours),
        unit,
        other,
        median(Arrays.stream(ratios).boxed().toList()),
        ours,
        spread(theirs));
  }

  private static Map<String, Double> spread(List<Double> theirs) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("other", median(theirs));
    if (theirs.size() > 1) {
      figures.put("other's least", Collections.min(theirs));
      figures.put("other's most", Collections.max(theirs));
    }
    return figures;
  }

  /** This result with still further figures of the same case. */
  public BenchResult with(Map<String, Double> figures) {
    Map<String, Double> all = new LinkedHashMap<>(further);
    all.putAll(figures);
    return new BenchResult(bench, variant, value, unit, against, ratio, runs, all);
  }

  /** The value as people read it. */
  public String displayValue() {
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.3f", value);
  }

  /** The ratio as people read it; empty if there is none. */
  public String displayRatio() {
    return Double.isNaN(ratio) ? "" : String.format(Locale.ROOT, "%.3f", ratio);
  }

  /** The further figures as people read them; empty if there are none. */
  public String displayFurther() {
    return further.entrySet().stream()
        .map(figure -> String.format(Locale.ROOT, "%s %.3f", figure.getKey(), figure.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** Smallest and largest run. */
  public String displaySpread() {
    double[] sorted = runs.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted.length < 2
        ? ""
        : String.format(Locale.ROOT, "%.3g … %.3g", sorted[0], sorted[sorted.length - 1]);
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
