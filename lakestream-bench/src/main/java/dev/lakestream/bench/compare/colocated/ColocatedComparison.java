// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.colocated;

import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.Folders;
import dev.lakestream.bench.LinePlot;
import dev.lakestream.bench.PythonProcess;
import dev.lakestream.bench.compare.SideBySide;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * {@code bench compare colocated}: a training loop with a fixed amount of work a step on one core.
 * Its batches come from a DataLoader that tokenizes in its workers; from a stream that a producer
 * fills at the same time on the other core; and from a stream that was filled before.
 */
public final class ColocatedComparison implements Benchmark {
  private static final String NAME = "compare colocated";
  private static final double[] RATIOS = {0.5, 1, 2, 4, 8};
  private static final int STEPS = 40;
  private static final int FEWEST_STEPS = 8;
  private static final String AHEAD = "stream, filled before";
  private static final String BESIDE = "stream, filled at the same time";
  private static final String COLOCATED = "DataLoader, its best workers";
  private static final String APART = "DataLoader, a worker on the other core";

  /** Leaves the core that trains alone, as where something else than a core trains. */
  private static final Loop.Workers OTHER_CORE = new Loop.Workers(1, 1);

  private static final List<Loop.Workers> WORKERS =
      List.of(new Loop.Workers(0, 1), OTHER_CORE, new Loop.Workers(2, 1), new Loop.Workers(2, 2));

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>(PythonProcess.versions());
    settings.put("text", "256 KiB of source code a step, cl100k_base, rows of 2,048 tokens");
    settings.put("compute", "products of 256 × 256 matrices, one thread, on the first core");
    settings.put(
        "set-up of DataLoader", "tiktoken; prefetch_factor 4, persistent, best of 0, 1, 2 workers");
    settings.put("set-up of producer", "JTokkit; bundles of 4 steps, synced, on the second core");
    return settings;
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    Path sources = setting.home().resolve("lakestream-cli/target/corpus");
    return run(setting, StepTexts.sources(sources), RATIOS);
  }

  /** With these documents. */
  static List<BenchResult> run(Setting setting, List<String> documents, double... ratios)
      throws Exception {
    int steps = Math.max(FEWEST_STEPS, (int) (STEPS * setting.scale()));
    StepTexts texts = StepTexts.write(setting.folder().resolve("texts"), documents, steps);
    setting.progress().accept("starting the loop, and tokenizing " + steps + " steps");
    try (Loop loop = Loop.start(setting.home(), texts)) {
      setting.progress().accept("warming up the producer");
      try (Producers producers = Producers.start(setting.home(), texts, loop.otherCore())) {
        return new Measuring(setting, steps, loop, producers).all(ratios);
      }
    }
  }

  /** What all ratios have in common. */
  private record Measuring(Setting setting, int steps, Loop loop, Producers producers) {
    List<BenchResult> all(double... ratios) throws IOException {
      Path filled = setting.folder().resolve("filled");
      producers.begin(filled);
      double seconds = producers.await();
      List<BenchResult> results = new ArrayList<>();
      results.add(
          BenchResult.of(NAME, "tokenizing a step, a worker in Python", loop.stepMillis(), "ms")
              .with(Map.of("rows", (double) loop.rows() / steps)));
      results.add(
          BenchResult.of(NAME, "tokenizing a step, the producer", producers.stepMillis(), "ms")
              .with(Map.of("and appending it", 1e3 * seconds / steps)));
      List<SideBySide> rates = new ArrayList<>();
      for (double ratio : ratios) {
        rates.add(measure(results, ratio, filled));
      }
      if (setting.plots().isPresent()) {
        plot(setting.plots().get(), rates, ratios);
      }
      return results;
    }

    private SideBySide measure(List<BenchResult> results, double ratio, Path filled)
        throws IOException {
      double compute = loop.stepMillis() / ratio;
      String variant = "preprocessing ÷ compute = " + ratio;
      setting.progress().accept(variant + ": choosing workers");
      int few = Math.max(FEWEST_STEPS, steps / 2);
      Loop.Workers best = WORKERS.get(0);
      double bestRate = 0;
      Map<String, Double> tried = new LinkedHashMap<>();
      for (Loop.Workers workers : WORKERS) {
        double rate = loop.colocated(workers, compute, few).rate();
        tried.put(workers.display(), rate);
        if (rate > bestRate) {
          bestRate = rate;
          best = workers;
        }
      }
      int ours =
          loop.stream(filled, 1, compute, few).rate() > loop.stream(filled, 0, compute, few).rate()
              ? 1
              : 0;
      results.add(
          BenchResult.of(
                  NAME, variant + ": " + COLOCATED + ", " + best.display(), bestRate, "steps/s")
              .with(tried));
      SideBySide rates = new SideBySide(variant + ": " + AHEAD, "steps/s");
      SideBySide beside = new SideBySide(variant + ": " + BESIDE, "steps/s");
      Map<String, List<Double>> millis = new LinkedHashMap<>();
      Map<String, List<Double>> firsts = new LinkedHashMap<>();
      for (int run = 0; run < setting.runs(); run++) {
        setting.progress().accept(variant + ": run " + (run + 1) + " of " + setting.runs());
        Map<String, Loop.Run> each = new LinkedHashMap<>();
        each.put(AHEAD, loop.stream(filled, ours, compute, steps));
        each.put(BESIDE, whileFilled(ours, compute));
        each.put(COLOCATED, loop.colocated(best, compute, steps));
        each.put(APART, loop.colocated(OTHER_CORE, compute, steps));
        each.forEach(
            (feed, one) -> {
              rates.add(feed, one.rate());
              if (!feed.equals(AHEAD)) {
                beside.add(feed, one.rate());
              }
              millis.computeIfAbsent(feed, absent -> new ArrayList<>()).addAll(one.millis());
              firsts.computeIfAbsent(feed, absent -> new ArrayList<>()).add(one.firstMillis());
            });
      }
      results.addAll(rates.results(NAME));
      results.addAll(beside.results(NAME));
      millis.forEach(
          (feed, all) ->
              results.add(
                  BenchResult.of(NAME, variant + ": a step, p50, " + feed, quantile(all, 0.5), "ms")
                      .with(
                          Map.of(
                              "p99",
                              quantile(all, 0.99),
                              "first batch",
                              quantile(firsts.getOrDefault(feed, List.of()), 0.5),
                              "compute",
                              compute))));
      return rates;
    }

    private Loop.Run whileFilled(int workers, double compute) throws IOException {
      Path root = setting.folder().resolve("beside-" + UUID.randomUUID());
      producers.begin(root);
      Loop.Run run = loop.stream(root, workers, compute, steps);
      producers.await();
      Folders.delete(root);
      return run;
    }
  }

  private static double quantile(List<Double> values, double share) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(Math.min(sorted.size() - 1, (int) (sorted.size() * share)));
  }

  private static void plot(Path folder, List<SideBySide> rates, double... ratios)
      throws IOException {
    LinePlot plot =
        new LinePlot("One core trains, one is free", "preprocessing ÷ compute", "steps/s")
            .logarithmic();
    for (String feed : List.of(AHEAD, BESIDE, COLOCATED, APART)) {
      List<Double> x = new ArrayList<>();
      List<Double> y = new ArrayList<>();
      for (int i = 0; i < ratios.length; i++) {
        x.add(ratios[i]);
        y.add(rates.get(i).median(feed));
      }
      plot.line(feed, x, y);
    }
    plot.write(folder.resolve("colocated.svg"));
  }
}
