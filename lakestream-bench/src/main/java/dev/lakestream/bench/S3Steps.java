// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.reader.Topology;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.wire.WireFault;
import dev.lakestream.wire.WireProxy;
import dev.lakestream.wire.WireRequest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Ranks that read a stream in S3, step after step, with the next ones fetched ahead: how long a
 * step is waited for, what passes on the wire for it, and what faults there cost.
 */
final class S3Steps {
  private static final int RANKS = 4;
  private static final int SLOTS = 16;
  private static final int STEPS_OF_A_BUNDLE = 8;
  private static final int BUNDLES = 16;
  private static final long PREFETCH = 16 << 20;
  private static final long STEP_MILLIS = 20;
  private static final int PASSES_WITH_FAULTS = 16;
  private static final double FAULTS = 0.01;
  private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-([0-9]+)");

  private final String bench;
  private final Benchmark.Setting setting;
  private final URI root;
  private final Executor executor;
  private final TokenStream tokens;
  private final List<BenchResult> results = new ArrayList<>();

  /**
   * @param executor of at least as many threads as there are ranks
   */
  S3Steps(String bench, Benchmark.Setting setting, URI root, Executor executor) {
    this.bench = bench;
    this.setting = setting;
    this.root = root;
    this.executor = executor;
    // Cells of 64 KiB, bundles of 8 MiB.
    this.tokens =
        new TokenStream(
            2048, 8, SLOTS, STEPS_OF_A_BUNDLE, Math.max(2, (int) (BUNDLES * setting.scale())));
  }

  List<BenchResult> run() throws Exception {
    try (ObjectStore store = ObjectStores.open(root.toString(), Map.of())) {
      setting.progress().accept("Writing a stream of " + (bytes() >> 20) + " MiB");
      tokens.write(store);
      measureWaiting(store);
    }
    measureWire();
    return results;
  }

  private long bytes() {
    return tokens.stepBytes() * tokens.totalSteps();
  }

  /** Of a training loop that computes for some time between two steps. */
  private void measureWaiting(ObjectStore store) {
    setting.progress().accept("Reading steps at " + STEP_MILLIS + " ms a step");
    List<Double> medians = new ArrayList<>();
    List<Double> tails = new ArrayList<>();
    for (int run = -1; run < setting.runs(); run++) {
      ConcurrentLinkedQueue<Long> waited = new ConcurrentLinkedQueue<>();
      readAll(store, 1, STEP_MILLIS, waited);
      long[] sorted = waited.stream().mapToLong(Long::longValue).sorted().toArray();
      if (run >= 0) {
        medians.add(S3ReadBench.millis(sorted, 50));
        tails.add(S3ReadBench.millis(sorted, 99));
      }
    }
    String variant = " of the wait for a prefetched step, " + STEP_MILLIS + " ms a step";
    results.add(BenchResult.of(bench, "p50" + variant, "ms", medians));
    results.add(BenchResult.of(bench, "p99" + variant, "ms", tails));
  }

  /** Through the proxy without faults and with some, in turn. */
  private void measureWire() throws IOException {
    URI endpoint = PlainS3.endpoint().orElse(URI.create(""));
    if (!"http".equals(endpoint.getScheme())) {
      setting.progress().accept("No faults on the wire: the endpoint does not speak plain HTTP");
      return;
    }
    List<Double> requests = new ArrayList<>();
    List<Double> amplification = new ArrayList<>();
    List<Double> clean = new ArrayList<>();
    List<Double> faulty = new ArrayList<>();
    long faults = 0;
    for (int run = 0; run < setting.runs(); run++) {
      setting.progress().accept("Through the wire, run " + (run + 1));
      try (WireProxy proxy = WireProxy.before(endpoint);
          ObjectStore store =
              ObjectStores.open(
                  root.toString(), Map.of("s3.endpoint", proxy.endpoint().toString()))) {
        readAll(store, 1, 0, new ConcurrentLinkedQueue<>());
        proxy.takeRequests();
        readAll(store, 1, 0, new ConcurrentLinkedQueue<>());
        List<WireRequest> gets =
            proxy.takeRequests().stream()
                .filter(get -> get.method().equals("GET") && get.target().contains("/data/"))
                .toList();
        requests.add((double) gets.size() / RANKS / tokens.bundles());
        amplification.add((double) gets.stream().mapToLong(S3Steps::length).sum() / bytes());
        clean.add(megabytesPerSecond(store));
        proxy.randomly(run + 1, FAULTS, EnumSet.allOf(WireFault.class));
        faulty.add(megabytesPerSecond(store));
        faults += proxy.faults();
      }
    }
    results.add(BenchResult.of(bench, "requests per rank and bundle of 8 steps", "", requests));
    results.add(
        BenchResult.of(
            bench, "bytes fetched per byte delivered, cells of 64 KiB", "", amplification));
    results.add(
        BenchResult.against(
                bench, "steps, 1 % faults on the wire", "MB/s", faulty, "no faults", clean)
            .with(Map.of("faults", (double) faults)));
  }

  private static long length(WireRequest get) {
    Matcher range = RANGE.matcher(get.header("Range"));
    if (!range.matches()) {
      throw new IllegalStateException("a read of no range: " + get.head());
    }
    return Long.parseLong(range.group(2)) - Long.parseLong(range.group(1)) + 1;
  }

  private double megabytesPerSecond(ObjectStore store) {
    long begin = System.nanoTime();
    readAll(store, PASSES_WITH_FAULTS, 0, new ConcurrentLinkedQueue<>());
    return PASSES_WITH_FAULTS * bytes() / 1e6 / ((System.nanoTime() - begin) / 1e9);
  }

  /**
   * Reads the stream so many times, by all ranks at a time, none of which waits for the others; an
   * error of any is one of the benchmark.
   */
  private void readAll(
      ObjectStore store, int passes, long stepMillis, ConcurrentLinkedQueue<Long> waited) {
    LongAdder delivered = new LongAdder();
    PlainS3.onAll(
        RANKS,
        executor,
        rank -> {
          LakeStream stream = LakeStream.open(store);
          for (int pass = 0; pass < passes; pass++) {
            delivered.add(readRank(stream, rank, stepMillis, waited));
          }
        });
    if (delivered.sum() != (long) tokens.slotRows() * SLOTS * tokens.totalSteps() * passes) {
      throw new UncheckedIOException(
          new IOException("only " + delivered.sum() + " rows were delivered"));
    }
  }

  private long readRank(
      LakeStream stream, int rank, long stepMillis, ConcurrentLinkedQueue<Long> waited)
      throws IOException {
    long rows = 0;
    ReaderOptions options = ReaderOptions.defaults().withPrefetchBytes(PREFETCH);
    try (BufferAllocator allocator = new RootAllocator();
        StepReader reader =
            StepReader.open(stream, Topology.of(rank, RANKS), 0, options, allocator)) {
      for (long step = 0; step < tokens.totalSteps(); step++) {
        long begin = System.nanoTime();
        reader.next();
        // The first one shows how long it takes to begin, not to go on.
        if (step >= STEPS_OF_A_BUNDLE) {
          waited.add(System.nanoTime() - begin);
        }
        rows +=
            reader.batches().stream().map(SlotBatch::root).mapToLong(b -> b.getRowCount()).sum();
        TimeUnit.MILLISECONDS.sleep(stepMillis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    return rows;
  }
}
