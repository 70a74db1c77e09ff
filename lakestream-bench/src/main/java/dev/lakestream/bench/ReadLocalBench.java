// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.reader.Topology;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * {@code bench read-local}: a rank reads a stream of mapped local files, checksums verified.
 * Against it, in turn: a plain sequential CRC32C over the same bytes of the same files, mapped too,
 * which is the least that anybody must do who hands out nothing unverified; and the Python reader,
 * in a process of its own, with what the calls alone take there that no reader in Python can do
 * without.
 */
public final class ReadLocalBench implements Benchmark {
  private static final int WARM_UPS = 3;
  private static final int[] DP_SIZES = {1, 64};
  private static final int[] CELL_KIB = {64, 256, 1024};
  private static final int ROW_TOKENS = 2048;
  private static final int SLOTS = 64;

  @Override
  public String name() {
    return "read-local";
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    int bundles = Math.max(1, (int) Math.round(16 * setting.scale()));
    List<BenchResult> results = new ArrayList<>();
    for (int cellKib : CELL_KIB) {
      // Bundles of 64 MiB: the larger the cells, the fewer steps are in one.
      TokenStream tokens = new TokenStream(ROW_TOKENS, cellKib / 8, SLOTS, 1024 / cellKib, bundles);
      Path root = setting.folder().resolve("cells-" + cellKib);
      try (ObjectStore store = LocalObjectStore.at(root, LocalObjectStore.Durability.PROCESS)) {
        setting
            .progress()
            .accept("writing " + tokens.stepBytes() * tokens.totalSteps() / (1 << 20) + " MiB");
        tokens.write(store);
        LakeStream stream = LakeStream.open(store);
        for (int dpSize : DP_SIZES) {
          String variant = "cell=" + cellKib + "KiB dp=" + dpSize;
          setting.progress().accept("reading with " + variant);
          results.addAll(measure(setting, stream, tokens, dpSize, root, variant));
        }
      }
    }
    return results;
  }

  private List<BenchResult> measure(
      Setting setting, LakeStream stream, TokenStream tokens, int dpSize, Path root, String variant)
      throws IOException, InterruptedException {
    Topology topology = Topology.of(0, dpSize);
    // A rank of dp 64 has little to read: one measurement repeats it until it is as much as dp 1
    // reads.
    int passes = dpSize;
    double megabytes = (double) tokens.stepBytes() * tokens.totalSteps() * passes / dpSize / 1e6;
    List<Double> ours = new ArrayList<>();
    List<Double> checksum = new ArrayList<>();
    List<Double> python = new ArrayList<>();
    List<Double> bareCalls = new ArrayList<>();
    List<Double> allocated = new ArrayList<>();
    List<Double> reused = new ArrayList<>();
    List<Double> reusedAllocated = new ArrayList<>();
    ReaderOptions own = ReaderOptions.defaults();
    ReaderOptions again = own.withVectors(ReaderOptions.Vectors.REUSED);
    double steps = (double) tokens.totalSteps() * passes;
    try (PythonReaderProcess other =
        PythonReaderProcess.start(setting.home(), root, dpSize, passes)) {
      for (int run = -WARM_UPS; run < setting.runs(); run++) {
        long bytesBefore = allocatedBytes();
        double our = megabytes / seconds(() -> read(stream, topology, tokens, passes, own));
        long bytesBetween = allocatedBytes();
        double pointed = megabytes / seconds(() -> read(stream, topology, tokens, passes, again));
        long bytesAfter = allocatedBytes();
        double plain = megabytes / seconds(() -> checksum(stream, topology, tokens, passes));
        PythonReaderProcess.Seconds pythons = other.measure();
        if (run >= 0) {
          ours.add(our);
          checksum.add(plain);
          python.add(megabytes / pythons.reader());
          bareCalls.add(megabytes / pythons.bareCalls());
          allocated.add((bytesBetween - bytesBefore) / steps / 1024);
          reused.add(pointed);
          reusedAllocated.add((bytesAfter - bytesBetween) / steps / 1024);
        }
      }
    }
    return List.of(
        BenchResult.against(name(), variant + " java", "MB/s", ours, "plain CRC32C", checksum),
        BenchResult.against(name(), variant + " python", "MB/s", python, "java", ours),
        BenchResult.against(
            name(), variant + " python, bare calls", "MB/s", bareCalls, "java", ours),
        BenchResult.against(
            name(), variant + " java, vectors reused", "MB/s", reused, "plain CRC32C", checksum),
        BenchResult.of(name(), variant + " java heap allocated", "KiB/step", allocated),
        BenchResult.of(
            name(), variant + " java, vectors reused, heap allocated", "KiB/step", reusedAllocated),
        BenchResult.of(
            name(),
            variant + " java heap retained",
            retained(() -> read(stream, topology, tokens, passes, own))
                / 1024
                / tokens.totalSteps()
                / passes,
            "KiB/step"));
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static double seconds(Work work) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    work.run();
    return (System.nanoTime() - begin) / 1e9;
  }

  private static void read(
      LakeStream stream, Topology topology, TokenStream tokens, int passes, ReaderOptions options)
      throws IOException, InterruptedException {
    try (BufferAllocator allocator = new RootAllocator()) {
      for (int pass = 0; pass < passes; pass++) {
        try (StepReader reader = StepReader.open(stream, topology, 0, options, allocator)) {
          for (long step = 0; step < tokens.totalSteps(); step++) {
            reader.next();
          }
        }
      }
    }
  }

  private static void checksum(LakeStream stream, Topology topology, TokenStream tokens, int passes)
      throws IOException {
    for (int pass = 0; pass < passes; pass++) {
      long step = 0;
      while (step < tokens.totalSteps()) {
        CommittedGroup group = stream.groupOf(step);
        CellSource source = group.sources(step).get(0);
        int slots = topology.slotsPerRank(group.slots());
        long from = source.bundle().runs().start(topology.firstSlot(group.slots()));
        long to = source.bundle().runs().start(topology.firstSlot(group.slots()) + slots);
        try (Region region =
            stream.store().read(source.bundle().key(), from, Math.toIntExact(to - from))) {
          CRC32C crc = new CRC32C();
          crc.update(region.bytes().duplicate());
        }
        step = group.nextStep();
      }
    }
  }

  /** Bytes of heap that are still there after the work and a collection, over those before it. */
  private static double retained(Work work) throws IOException, InterruptedException {
    long before = usedHeap();
    work.run();
    return Math.max(0, usedHeap() - before);
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
