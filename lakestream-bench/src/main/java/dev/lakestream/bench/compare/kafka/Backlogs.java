// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark.Setting;
import dev.lakestream.bench.LinePlot;
import dev.lakestream.bench.compare.SideBySide;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one of D ranks waits for while it reads steps that are all there, what comes to it, and what
 * the steps take on the disk.
 *
 * <p>A consumer answers most steps from what one poll brought, so the distribution says how even
 * the steps come, and only the mean says how long they take.
 */
final class Backlogs {
  private static final int[] SLOTS = {1, 4, 16, 64};
  private static final long STEP = 4 << 20;
  private static final int BATCHES = 128;
  private static final int FEWEST = 16;

  /** In a run: of a single pass, one step in a hundred would be one step, the second slowest. */
  private static final int PASSES = 8;

  private final String bench;
  private final Setting setting;
  private final List<Figures> bySlots = new ArrayList<>();

  /** The figures of one D. */
  private static final class Figures {
    private final SideBySide mean;
    private final SideBySide p50;
    private final SideBySide p99;
    private final SideBySide first;
    private final SideBySide fetched;
    private final SideBySide stored;

    Figures(String variant) {
      this.mean = new SideBySide(variant + ", mean", "µs a step");
      this.p50 = new SideBySide(variant + ", p50", "µs a step");
      this.p99 = new SideBySide(variant + ", p99", "µs a step");
      this.first = new SideBySide(variant + ", first step", "µs");
      this.fetched = new SideBySide(variant + ", bytes", "fetched ÷ useful");
      this.stored = new SideBySide(variant + ", disk", "bytes ÷ useful");
    }

    void add(String feed, Reading.Passes pass) {
      mean.add(feed, pass.mean());
      p50.add(feed, pass.p50());
      p99.add(feed, pass.p99());
      first.add(feed, pass.first());
      fetched.add(feed, pass.amplification());
    }

    List<SideBySide> all() {
      return List.of(mean, p50, p99, first, fetched, stored);
    }
  }

  Backlogs(String bench, Setting setting) {
    this.bench = bench;
    this.setting = setting;
  }

  /** Each feed in turn, run after run, for each D; draws plots if they are wanted. */
  List<BenchResult> measure(List<BatchFeed> feeds) throws Exception {
    List<BenchResult> results = new ArrayList<>();
    for (int slots : SLOTS) {
      Figures figures = measure(feeds, slots);
      bySlots.add(figures);
      for (SideBySide figure : figures.all()) {
        results.addAll(figure.results(bench));
      }
    }
    if (setting.plots().isPresent()) {
      plot(feeds, setting.plots().get());
    }
    return results;
  }

  private Figures measure(List<BatchFeed> feeds, int slots) throws Exception {
    int batches = (int) Math.max(FEWEST, BATCHES * setting.scale());
    BatchShape shape = BatchShape.ofStep(slots, STEP);
    String variant = "read a backlog, a rank of D=" + slots;
    Figures figures = new Figures(variant);
    Map<BatchFeed, BatchFeed.Opened> opened = new LinkedHashMap<>();
    for (BatchFeed feed : feeds) {
      setting.progress().accept(variant + ", writing, " + feed.name());
      BatchFeed.Opened open = feed.open(shape, 1);
      opened.put(feed, open);
      try (BatchFeed.BatchProducer producer = open.producer(0)) {
        for (int batch = 0; batch < batches; batch++) {
          producer.send();
        }
        producer.flush();
      }
      figures.stored.add(feed.name(), (double) open.storedBytes() / shape.stepBytes() / batches);
    }
    for (int run = -1; run < setting.runs(); run++) {
      setting.progress().accept(variant + (run < 0 ? ", warming up" : ", run " + (run + 1)));
      for (Map.Entry<BatchFeed, BatchFeed.Opened> entry : opened.entrySet()) {
        Reading.Passes pass = Reading.measure(entry.getValue(), slots / 2, batches, PASSES);
        if (run >= 0) {
          figures.add(entry.getKey().name(), pass);
        }
      }
    }
    for (BatchFeed.Opened open : opened.values()) {
      open.close();
    }
    return figures;
  }

  private void plot(List<BatchFeed> feeds, Path folder) throws IOException {
    LinePlot mean = new LinePlot("A step of a backlog, mean", "ranks D", "µs");
    LinePlot p99 = new LinePlot("A step of a backlog, 99th percentile", "ranks D", "µs");
    LinePlot fetched = new LinePlot("Bytes that come to a rank", "ranks D", "÷ useful");
    List<Integer> slots = java.util.Arrays.stream(SLOTS).boxed().toList();
    for (BatchFeed feed : feeds) {
      String name = feed.name();
      mean.line(name, slots, bySlots.stream().map(of -> of.mean.median(name)).toList());
      p99.line(name, slots, bySlots.stream().map(of -> of.p99.median(name)).toList());
      fetched.line(name, slots, bySlots.stream().map(of -> of.fetched.median(name)).toList());
    }
    mean.logarithmic().write(folder.resolve("kafka-read-mean.svg"));
    p99.logarithmic().write(folder.resolve("kafka-read-p99.svg"));
    fetched.logarithmic().write(folder.resolve("kafka-read-bytes.svg"));
  }
}
