// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.dac;

import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.LinePlot;
import dev.lakestream.bench.dac.Scenario.Figures;
import dev.lakestream.bench.dac.Scenario.Phase;
import dev.lakestream.commit.AdaptiveCommitPolicy;
import dev.lakestream.commit.AimdCommitPolicy;
import dev.lakestream.commit.ImmediateCommitPolicy;
import dev.lakestream.commit.IntervalCommitPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;

/**
 * {@code bench dac}: the commit policies, those that producers really use, on one simulated log,
 * with 1 to 1,024 producers. Virtual time from a seed: the same figures on every machine.
 */
public final class DacBench implements Benchmark {
  /** The policies by the names that tables show. */
  static final Map<String, Simulation.Policies> POLICIES = policies();

  private static final int MOST_PRODUCERS = 1024;
  private static final long SEED = 1;

  /** One run of one policy. */
  private record Case(String policy, int producers, List<Figures> figures) {}

  private static Map<String, Simulation.Policies> policies() {
    Map<String, Simulation.Policies> policies = new LinkedHashMap<>();
    policies.put("dac", AdaptiveCommitPolicy::new);
    policies.put("at once", (name, random) -> new ImmediateCommitPolicy());
    policies.put(
        "interval 1 s", (name, random) -> new IntervalCommitPolicy(1_000_000_000L, random));
    policies.put("aimd", (name, random) -> new AimdCommitPolicy(0.1, random));
    return policies;
  }

  @Override
  public String name() {
    return "dac";
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    int most = (int) Math.max(1, Math.min(MOST_PRODUCERS, MOST_PRODUCERS * setting.scale()));
    List<Case> cases = simulate(most, setting);
    if (setting.plots().isPresent()) {
      plot(cases, setting.plots().get());
    }
    List<BenchResult> results = new ArrayList<>();
    for (Case done : cases) {
      done.figures().forEach(figures -> results.add(result(done.policy(), figures)));
    }
    return results;
  }

  /** The largest first, so that the processors are busy to the end. */
  private static List<Case> simulate(int most, Setting setting)
      throws InterruptedException, ExecutionException {
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      List<Future<Case>> running = new ArrayList<>();
      for (int producers = Integer.highestOneBit(most); producers >= 1; producers /= 2) {
        int count = producers;
        POLICIES.forEach(
            (policy, factory) ->
                running.add(
                    threads.submit(
                        () -> {
                          Case done =
                              new Case(policy, count, new Scenario(factory, count, SEED).run());
                          setting.progress().accept(policy + ", " + count + " producers");
                          return done;
                        })));
      }
      List<Case> cases = new ArrayList<>();
      for (String policy : POLICIES.keySet()) {
        for (int i = running.size() - 1; i >= 0; i--) {
          Case done = running.get(i).get();
          if (done.policy().equals(policy)) {
            cases.add(done);
          }
        }
      }
      return cases;
    } finally {
      threads.shutdownNow();
    }
  }

  private BenchResult result(String policy, Figures figures) {
    Map<String, Double> further = new LinkedHashMap<>();
    further.put("ingestion", figures.ingestion());
    further.put("fairness", figures.fairness());
    further.put("age p99 s", figures.age());
    further.put("age ÷ interval", figures.age() / figures.interval());
    further.put("commits/s", figures.commitsPerSecond());
    further.put("gets/commit", figures.getsPerCommit());
    String phase = figures.phase().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return BenchResult.of(
            name(),
            policy + " P=" + figures.producers() + " " + phase,
            figures.success(),
            "won/attempt")
        .with(further);
  }

  private static void plot(List<Case> cases, Path folder) throws IOException {
    lines("Attempts that win", "won ÷ attempts", cases, Figures::success)
        .between(0, 1.02)
        .write(folder.resolve("dac-success.svg"));
    lines(
            "Age at commit, 99th percentile",
            "÷ max(P × commit latency, step)",
            cases,
            figures -> figures.age() / figures.interval())
        .logarithmic()
        .write(folder.resolve("dac-age.svg"));
    lines("Fairness", "Jain's index", cases, Figures::fairness)
        .between(0, 1.02)
        .write(folder.resolve("dac-fairness.svg"));
  }

  private static LinePlot lines(
      String title, String unit, List<Case> cases, ToDoubleFunction<Figures> of) {
    LinePlot plot = new LinePlot(title, "producers", unit);
    for (String policy : POLICIES.keySet()) {
      List<Integer> x = new ArrayList<>();
      List<Double> y = new ArrayList<>();
      for (Case done : cases) {
        for (Figures figures : done.figures()) {
          if (done.policy().equals(policy) && figures.phase() == Phase.STEADY) {
            x.add(figures.producers());
            y.add(of.applyAsDouble(figures));
          }
        }
      }
      plot.line(policy, x, y);
    }
    return plot;
  }
}
