// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.history;

import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.LinePlot;
import dev.lakestream.bench.Machine;
import dev.lakestream.bench.compare.SideBySide;
import io.delta.kernel.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * {@code bench compare history}: what a commit and an opening take with 10² to 10⁵ commits of ten
 * steps behind them, beside Iceberg and Delta tables that get the same batches, one commit each.
 * All of them are in a local directory; none waits for the disk.
 *
 * <p>Tables whose commits become slow are not grown further once they have had their share of time.
 */
public final class HistoryComparison implements Benchmark {
  private static final String NAME = "compare history";
  private static final int[] SIZES = {100, 300, 1_000, 3_000, 10_000, 30_000, 100_000};
  private static final int OPENINGS = 5;
  private static final int WARM_UP = 120;

  /** Seconds that each history may take to grow. */
  private static final double PATIENCE = 40;

  private final SplittableRandom random = new SplittableRandom(7);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("Iceberg", Machine.library(org.apache.iceberg.Table.class) + ", HadoopTables");
    settings.put("Delta", Machine.library(Table.class) + ", its default engine");
    return settings;
  }

  /** A history while it grows. */
  private static final class Growing {
    private final History history;
    private final List<Integer> sizes = new ArrayList<>();
    private final List<Double> commitMillis = new ArrayList<>();
    private final List<Double> openMillis = new ArrayList<>();
    private long commits;
    private double seconds;

    Growing(History history) {
      this.history = history;
    }

    /** Whether it got there in time. */
    boolean growTo(int size, double patience) throws Exception {
      long begin = System.nanoTime();
      double before = seconds;
      while (commits < size) {
        history.commit();
        commits++;
        seconds = before + (System.nanoTime() - begin) / 1e9;
        if (seconds > patience) {
          return false;
        }
      }
      return true;
    }
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    for (History history : histories(setting.folder().resolve("warm"))) {
      setting.progress().accept("warming up, " + history.name());
      for (int i = 0; i < WARM_UP; i++) {
        history.commit();
      }
      history.openAndFind(0);
    }
    List<Growing> all = new ArrayList<>();
    for (History history : histories(setting.folder())) {
      all.add(new Growing(history));
    }
    List<BenchResult> results = new ArrayList<>();
    List<Growing> growing = new ArrayList<>(all);
    for (int size : SIZES) {
      if (size == SIZES[0] || size <= SIZES[SIZES.length - 1] * setting.scale()) {
        for (Growing one : List.copyOf(growing)) {
          setting.progress().accept(one.history.name() + ": " + size + " commits");
          if (!one.growTo(size, PATIENCE * Math.max(1, setting.scale()))) {
            setting
                .progress()
                .accept(one.history.name() + ": given up after " + one.commits + " commits");
            growing.remove(one);
          }
        }
        results.addAll(measure(growing, size, setting));
      }
    }
    for (Growing one : all) {
      if (one.sizes.size() > 1) {
        results.addAll(growth(one));
      }
    }
    if (setting.plots().isPresent()) {
      plot(all, setting.plots().get());
    }
    return results;
  }

  private static List<History> histories(Path folder) throws IOException, InterruptedException {
    return List.of(
        new StreamHistory(folder.resolve("stream")),
        new IcebergHistory(folder.resolve("iceberg"), false),
        new IcebergHistory(folder.resolve("iceberg-expiring"), true),
        new DeltaHistory(folder.resolve("delta"), DeltaHistory.DEFAULT_INTERVAL),
        new DeltaHistory(folder.resolve("delta-100"), 100));
  }

  /** All of this size in turn, run after run. */
  private List<BenchResult> measure(List<Growing> growing, int size, Setting setting)
      throws Exception {
    String variant = size + " commits: ";
    SideBySide mean = new SideBySide(variant + "a commit and its share of upkeep", "ms");
    SideBySide p99 = new SideBySide(variant + "a commit, p99", "ms");
    SideBySide moved = new SideBySide(variant + "a commit, read and written", "KB");
    SideBySide open = new SideBySide(variant + "open and find a step", "ms");
    SideBySide fetched = new SideBySide(variant + "open and find, read", "KB");
    for (int run = 0; run < setting.runs(); run++) {
      setting.progress().accept(variant + "run " + (run + 1));
      for (Growing one : growing) {
        History history = one.history;
        // Small ones must not grow by more than they are.
        int round = size < 1000 ? Math.min(history.round(), size / 4) : history.round();
        history.takeBytes();
        double[] millis = new double[round];
        for (int i = 0; i < round; i++) {
          long begin = System.nanoTime();
          history.commit();
          millis[i] = (System.nanoTime() - begin) / 1e6;
        }
        one.commits += round;
        moved.add(history.name(), history.takeBytes() / 1e3 / round);
        mean.add(history.name(), Arrays.stream(millis).average().orElseThrow());
        Arrays.sort(millis);
        p99.add(history.name(), millis[(int) (0.99 * (round - 1))]);
        long begin = System.nanoTime();
        for (int i = 0; i < OPENINGS; i++) {
          history.openAndFind(random.nextLong(one.commits * History.STEPS));
        }
        open.add(history.name(), (System.nanoTime() - begin) / 1e6 / OPENINGS);
        fetched.add(history.name(), history.takeBytes() / 1e3 / OPENINGS);
      }
    }
    for (Growing one : growing) {
      one.sizes.add(size);
      one.commitMillis.add(mean.median(one.history.name()));
      one.openMillis.add(open.median(one.history.name()));
    }
    List<BenchResult> results = new ArrayList<>();
    for (SideBySide figure : List.of(mean, p99, moved, open, fetched)) {
      results.addAll(figure.results(NAME));
    }
    return results;
  }

  private static List<BenchResult> growth(Growing one) {
    int last = one.sizes.size() - 1;
    String variant =
        "%s, %d ÷ %d commits: "
            .formatted(one.history.name(), one.sizes.get(last), one.sizes.get(0));
    return List.of(
        BenchResult.of(
            NAME, variant + "a commit", one.commitMillis.get(last) / one.commitMillis.get(0), "×"),
        BenchResult.of(
            NAME,
            variant + "open and find",
            one.openMillis.get(last) / one.openMillis.get(0),
            "×"));
  }

  private static void plot(List<Growing> all, Path folder) throws IOException {
    LinePlot commit = new LinePlot("A commit and its share of upkeep", "commits so far", "ms");
    LinePlot open = new LinePlot("Open, and find a step", "commits so far", "ms");
    for (Growing one : all) {
      if (!one.sizes.isEmpty()) {
        commit.line(one.history.name(), one.sizes, one.commitMillis);
        open.line(one.history.name(), one.sizes, one.openMillis);
      }
    }
    commit.logarithmic().write(folder.resolve("history-commit.svg"));
    open.logarithmic().write(folder.resolve("history-open.svg"));
  }
}
