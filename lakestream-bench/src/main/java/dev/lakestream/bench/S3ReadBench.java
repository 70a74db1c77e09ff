// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import com.sun.management.ThreadMXBean;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Reads the ranges of several ranks at a time, as one GET for a run of a bundle each, into memory
 * outside of the heap; beside it, a loop over the same SDK that reads into arrays it has. Then the
 * same as steps of a stream, see {@link S3Steps}.
 */
public final class S3ReadBench implements Benchmark {
  private static final String NAME = "s3-read";
  private static final int RANKS = 4;
  private static final int RANGE = 8 << 20;
  private static final int RANGES = 12;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    URI root = URI.create(PlainS3.rootFromEnvironment() + "/" + UUID.randomUUID());
    int ranges = Math.max(2, (int) (RANGES * setting.scale()));
    ObjectKey key = ObjectKey.of("data/object");
    ExecutorService executor = Executors.newFixedThreadPool(RANKS);
    try (ObjectStore store = ObjectStores.open(root.toString(), Map.of());
        PlainS3 plain = new PlainS3(root)) {
      setting.progress().accept("Writing " + ((RANKS * (long) RANGE * ranges) >> 20) + " MiB");
      write(store, key, RANKS * ranges);
      List<Double> ours = new ArrayList<>();
      List<Double> theirs = new ArrayList<>();
      List<Double> allocated = new ArrayList<>();
      ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
      for (int run = -1; run < setting.runs(); run++) {
        setting.progress().accept(run < 0 ? "Warming up" : "Run " + (run + 1));
        boolean counts = run >= 0;
        long before = allocatedBytes();
        double our =
            megabytesPerSecond(ranges, () -> readOurs(store, key, ranges, executor, nanos));
        double perByte = (allocatedBytes() - before) / (RANKS * (double) RANGE * ranges);
        double their = megabytesPerSecond(ranges, () -> readPlain(plain, key, ranges, executor));
        if (counts) {
          ours.add(our);
          theirs.add(their);
          allocated.add(perByte);
        } else {
          nanos.clear();
        }
      }
      store.delete(key);
      long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
      String variant = RANKS + " ranks, ranges of 8 MiB";
      List<BenchResult> results = new ArrayList<>();
      results.add(BenchResult.against(NAME, variant, "MB/s", ours, "plain SDK loop", theirs));
      results.add(BenchResult.of(NAME, "heap allocated per byte delivered", "", allocated));
      results.add(BenchResult.of(NAME, "p50 of a range", millis(sorted, 50), "ms"));
      results.add(BenchResult.of(NAME, "p99 of a range", millis(sorted, 99), "ms"));
      results.addAll(new S3Steps(NAME, setting, URI.create(root + "/stream"), executor).run());
      return results;
    } finally {
      executor.shutdownNow();
    }
  }

  private static void write(ObjectStore store, ObjectKey key, int ranges) throws IOException {
    byte[] bytes = new byte[RANGE];
    new Random(1).nextBytes(bytes);
    try (ObjectUpload upload = store.upload(key)) {
      for (int i = 0; i < ranges; i++) {
        upload.write(ByteBuffer.wrap(bytes));
      }
      upload.finish();
    }
  }

  private static void readOurs(
      ObjectStore store,
      ObjectKey key,
      int ranges,
      ExecutorService executor,
      ConcurrentLinkedQueue<Long> nanos) {
    PlainS3.onAll(
        RANKS,
        executor,
        rank -> {
          for (int i = 0; i < ranges; i++) {
            long begin = System.nanoTime();
            try (Region region = store.read(key, offset(rank, i, ranges), RANGE)) {
              requireWhole(region.bytes().remaining());
            }
            nanos.add(System.nanoTime() - begin);
          }
        });
  }

  private static void readPlain(
      PlainS3 plain, ObjectKey key, int ranges, ExecutorService executor) {
    PlainS3.onAll(
        RANKS,
        executor,
        rank -> {
          byte[] target = new byte[RANGE];
          for (int i = 0; i < ranges; i++) {
            plain.read(key.value(), offset(rank, i, ranges), target);
          }
        });
  }

  private static void requireWhole(int bytes) throws IOException {
    if (bytes != RANGE) {
      throw new IOException("only " + bytes + " bytes came");
    }
  }

  private static long offset(int rank, int i, int ranges) {
    return ((long) rank * ranges + i) * RANGE;
  }

  private static double megabytesPerSecond(int ranges, Runnable work) {
    long begin = System.nanoTime();
    work.run();
    return RANKS * (double) RANGE * ranges / 1e6 / ((System.nanoTime() - begin) / 1e9);
  }

  /** By all threads that are alive: those that read are kept between runs. */
  private static long allocatedBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
        .filter(bytes -> bytes > 0)
        .sum();
  }

  static double millis(long[] sorted, int percentile) {
    return sorted[Math.min(sorted.length - 1, sorted.length * percentile / 100)] / 1e6;
  }
}
