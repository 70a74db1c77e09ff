// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.loaders;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.bench.BarPlot;
import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.PythonProcess;
import dev.lakestream.bench.compare.SideBySide;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code bench compare loaders}: the same rows through Lakestream's torch dataset and through the
 * loaders that people use today: rows a second, time to the first batch and to the first batch
 * after a resume, what a resume with another number of ranks loses or repeats, and, where {@code
 * LAKESTREAM_BENCH_S3} names a place, requests and bytes on the wire.
 */
public final class LoadersComparison implements Benchmark {
  private static final String NAME = "compare loaders";
  private static final String OURS = "lakestream";

  /** 256 MiB, and 64 MiB for what starts six processes each time. */
  private static final int ROWS = 32_768;

  private static final int ROWS_FOR_RANKS = 8_192;

  /** How many workers each may have; those with threads of their own do not gain by any. */
  private static final Map<String, int[]> WORKERS = new LinkedHashMap<>();

  static {
    WORKERS.put(OURS, new int[] {0, 1});
    WORKERS.put("mosaicml-streaming", new int[] {0, 1, 2});
    WORKERS.put("lancedb", new int[] {0});
    WORKERS.put("lance", new int[] {0});
    WORKERS.put("dataloader", new int[] {0, 1, 2});
  }

  /** Those that are measured; ours first. */
  static Collection<String> kinds() {
    return WORKERS.keySet();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>(PythonProcess.versions());
    settings.put("rows", "2,048 int32 tokens; global batches of 256 rows, in order");
    settings.put("set-up of lakestream", "8 slots, cells of 256 KiB, bundles of 32 MiB, verified");
    settings.put("set-up of mosaicml-streaming", "MDS, ndarray:int32:2048, 64 MiB, no hashes");
    settings.put(
        "set-up of lancedb", "StreamingDataset, 8 splits, a tensor for each fetched batch");
    settings.put("set-up of lance", "LanceDataset, ShardedBatchSampler");
    settings.put("set-up of dataloader", "a memory map, batches gathered by __getitems__");
    return settings;
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    setting.progress().accept("writing the corpus in all formats");
    Corpus corpus =
        Corpus.write(
            setting.home(), setting.folder().resolve("corpus"), (int) (ROWS * setting.scale()));
    List<BenchResult> results = new ArrayList<>(passes(setting, corpus));
    results.addAll(WireCount.measure(NAME, setting, corpus, kinds()));
    Corpus small =
        Corpus.write(
            setting.home(),
            setting.folder().resolve("small"),
            (int) (ROWS_FOR_RANKS * setting.scale()));
    List<String> all = new ArrayList<>(kinds());
    all.add("statefuldataloader");
    for (String kind : all) {
      results.add(otherRanks(setting, kind, small));
    }
    return results;
  }

  private static List<BenchResult> passes(Setting setting, Corpus corpus) throws IOException {
    SideBySide rate = new SideBySide("a pass over " + (corpus.bytes() >> 20) + " MiB", "rows/s");
    SideBySide first = new SideBySide("until the first batch", "ms");
    SideBySide resumed = new SideBySide("until the first batch after a resume in the middle", "ms");
    List<BenchResult> results = new ArrayList<>();
    List<LoaderProcess> loaders = new ArrayList<>();
    try {
      for (Map.Entry<String, int[]> each : WORKERS.entrySet()) {
        setting.progress().accept(each.getKey() + ": verifying, and choosing its workers");
        LoaderProcess loader =
            LoaderProcess.start(setting.home(), each.getKey(), corpus, each.getValue());
        loaders.add(loader);
        results.add(
            BenchResult.of(NAME, "best number of workers, " + loader.kind(), loader.workers(), ""));
      }
      int middle = corpus.rows() / Corpus.STEP_ROWS / 2;
      for (LoaderProcess loader : loaders) {
        loader.resume(middle);
      }
      for (int run = 0; run < setting.runs(); run++) {
        setting.progress().accept("run " + (run + 1) + " of " + setting.runs());
        for (LoaderProcess loader : loaders) {
          LoaderProcess.Pass pass = loader.pass();
          rate.add(loader.kind(), pass.rate());
          first.add(loader.kind(), pass.firstMillis());
          resumed.add(loader.kind(), loader.resume(middle));
        }
      }
    } finally {
      for (LoaderProcess loader : loaders) {
        loader.close();
      }
    }
    for (SideBySide figure : List.of(rate, first, resumed)) {
      results.addAll(figure.results(NAME));
    }
    if (setting.plots().isPresent()) {
      plot(setting.plots().get(), rate, first, resumed);
    }
    return results;
  }

  private static BenchResult otherRanks(Setting setting, String kind, Corpus corpus)
      throws IOException {
    setting.progress().accept(kind + ": 4 ranks, then 2 from the middle on");
    int steps = corpus.rows() / Corpus.STEP_ROWS / 2;
    JsonNode answer =
        PythonProcess.run(
            setting.home(),
            Map.of(),
            "loaders.py",
            "ranks",
            kind,
            corpus.root(),
            corpus.rows(),
            steps);
    Map<String, Double> figures = new LinkedHashMap<>();
    answer.properties().forEach(field -> figures.put(field.getKey(), field.getValue().asDouble()));
    return BenchResult.of(
            NAME,
            "4 ranks, from step " + steps + " on 2: rows lost, " + kind,
            answer.get("lost").asDouble(),
            "of " + corpus.rows())
        .with(figures);
  }

  private static void plot(Path folder, SideBySide rate, SideBySide first, SideBySide resumed)
      throws IOException {
    List<String> kinds = List.copyOf(kinds());
    new BarPlot("A pass by one rank, local files", "rows/s", kinds)
        .bars("rows/s", kinds.stream().map(rate::median).toList())
        .write(folder.resolve("loaders-rate.svg"));
    new BarPlot("Until the first batch", "ms", kinds)
        .logarithmicFrom(0.1)
        .bars("from the beginning", kinds.stream().map(first::median).toList())
        .bars("from the middle", kinds.stream().map(resumed::median).toList())
        .write(folder.resolve("loaders-first-batch.svg"));
  }
}
