// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.producers;

import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.Folders;
import dev.lakestream.bench.LinePlot;
import dev.lakestream.bench.PlainS3;
import dev.lakestream.bench.dac.SteadyState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * {@code bench compare producers}: what 1 to 1,024 producers bring into one stream, with adaptive
 * commits and with the policies that people write first. To 8 they are processes: once as fast as
 * they can, and once at the pace of the simulation, with a store that is as far away; so the
 * simulation, which goes on to 1,024, stands beside what it simulates.
 */
public final class ProducersComparison implements Benchmark {
  private static final String NAME = "compare producers";
  private static final int MOST_PROCESSES = 8;
  private static final int MOST = 1024;
  private static final int ROWS_OF_1_MIB = 16;
  private static final int ROWS_OF_64_KIB = 1;
  private static final double OWN_PACE_MILLIS = 3_000;
  private static final double SIMULATED_PACE_MILLIS = 10_000;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("policies", String.join(", ", SteadyState.policies()));
    settings.put("processes use", PlainS3.isNamed() ? "S3" : "a local folder, not synced");
    return settings;
  }

  /** Lines of the plot, and results, as they come. */
  private static final class Found {
    private final List<BenchResult> results = new ArrayList<>();
    private final Map<String, List<Integer>> producers = new LinkedHashMap<>();
    private final Map<String, List<Double>> rates = new LinkedHashMap<>();

    void add(String line, int count, List<Double> rate, Map<String, Double> further) {
      BenchResult result =
          BenchResult.of(NAME, line + ", P=" + count, "steps/s visible", rate).with(further);
      results.add(result);
      producers.computeIfAbsent(line, absent -> new ArrayList<>()).add(count);
      rates.computeIfAbsent(line, absent -> new ArrayList<>()).add(result.value());
    }
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    Found found = new Found();
    processes(setting, found, true);
    processes(setting, found, false);
    simulate(setting, found);
    if (setting.plots().isPresent()) {
      LinePlot plot = new LinePlot("Steps made visible", "producers", "steps/s").logarithmic();
      for (String line : found.rates.keySet()) {
        plot.line(
            line,
            found.producers.getOrDefault(line, List.of()),
            found.rates.getOrDefault(line, List.of()));
      }
      plot.write(setting.plots().get().resolve("producers.svg"));
    }
    return found.results;
  }

  private static void processes(Setting setting, Found found, boolean ownPace)
      throws IOException, InterruptedException {
    // Where policies differ at a given pace is for the simulation to say: two of them check it.
    List<String> policies = SteadyState.policies().subList(0, ownPace ? 3 : 2);
    long millis =
        (long) Math.max(300, setting.scale() * (ownPace ? OWN_PACE_MILLIS : SIMULATED_PACE_MILLIS));
    int rounds = ownPace ? setting.runs() : 1;
    int rows = ownPace ? ROWS_OF_1_MIB : ROWS_OF_64_KIB;
    for (int producers = ownPace ? 1 : 2;
        producers <= most(MOST_PROCESSES, setting);
        producers *= ownPace ? 2 : 4) {
      Map<String, List<Processes.Outcome>> outcomes = new LinkedHashMap<>();
      for (int run = 0; run < rounds; run++) {
        for (String policy : policies) {
          String line = line(policy, ownPace);
          setting.progress().accept(line + ", P=" + producers + ", run " + (run + 1));
          outcomes
              .computeIfAbsent(line, absent -> new ArrayList<>())
              .add(measure(setting, policy, producers, rows, millis, ownPace));
        }
      }
      int count = producers;
      outcomes.forEach((line, list) -> found.add(line, count, rates(list), further(list, rows)));
    }
  }

  private static String line(String policy, boolean ownPace) {
    return policy + (ownPace ? ", processes" : ", processes, simulation's pace");
  }

  private static Processes.Outcome measure(
      Setting setting, String policy, int producers, int rows, long millis, boolean ownPace)
      throws IOException, InterruptedException {
    String name = "stream-" + UUID.randomUUID();
    if (PlainS3.isNamed()) {
      return Processes.measure(
          PlainS3.rootFromEnvironment() + "/" + name, policy, producers, rows, millis, ownPace);
    }
    Path folder = setting.folder().resolve(name);
    Processes.Outcome outcome =
        Processes.measure(folder.toString(), policy, producers, rows, millis, ownPace);
    Folders.delete(folder);
    return outcome;
  }

  private static List<Double> rates(List<Processes.Outcome> outcomes) {
    return outcomes.stream().map(Processes.Outcome::stepsPerSecond).toList();
  }

  private static Map<String, Double> further(List<Processes.Outcome> outcomes, int rows) {
    Map<String, Double> further = new LinkedHashMap<>();
    double stepBytes = rows * ProducerProcess.SLOTS * ProducerProcess.ROW_TOKENS * 4.0;
    further.put("MB/s", median(rates(outcomes)) * stepBytes / 1e6);
    further.put("won/attempt", median(outcomes.stream().map(Processes.Outcome::success).toList()));
    further.put("fairness", median(outcomes.stream().map(Processes.Outcome::fairness).toList()));
    return further;
  }

  private static double median(List<Double> values) {
    return BenchResult.of("", "", "", values).value();
  }

  private static int most(int producers, Setting setting) {
    return (int) Math.max(2, Math.min(producers, producers * setting.scale()));
  }

  /** The largest first, so that the processors are busy to the end. */
  private static void simulate(Setting setting, Found found) throws Exception {
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      Map<String, Map<Integer, Future<SteadyState>>> running = new LinkedHashMap<>();
      for (int producers = Integer.highestOneBit(most(MOST, setting));
          producers >= 1;
          producers /= 2) {
        int count = producers;
        for (String policy : SteadyState.policies()) {
          running
              .computeIfAbsent(policy, absent -> new LinkedHashMap<>())
              .put(count, threads.submit(() -> simulate(setting, policy, count)));
        }
      }
      for (Map.Entry<String, Map<Integer, Future<SteadyState>>> policy : running.entrySet()) {
        for (Map.Entry<Integer, Future<SteadyState>> size :
            new TreeMap<>(policy.getValue()).entrySet()) {
          SteadyState state = size.getValue().get();
          Map<String, Double> further = new LinkedHashMap<>();
          further.put("won/attempt", state.success());
          further.put("fairness", state.fairness());
          further.put("age p99 s", state.ageSeconds());
          found.add(
              policy.getKey() + ", simulated",
              size.getKey(),
              List.of(state.stepsPerSecond()),
              further);
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static SteadyState simulate(Setting setting, String policy, int producers) {
    SteadyState state = SteadyState.of(policy, producers);
    setting.progress().accept(policy + ", " + producers + " simulated producers");
    return state;
  }
}
