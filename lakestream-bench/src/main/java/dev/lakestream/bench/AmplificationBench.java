// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.arrow.reader.ReaderOptions;
import dev.lakestream.arrow.reader.SlotBatch;
import dev.lakestream.arrow.reader.StepReader;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.reader.Topology;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;

/**
 * {@code bench amplification}: bytes fetched ÷ bytes of column values delivered, and requests, over
 * all ranks of a dp size, counted at the store. What is fetched beyond values is the run
 * directories, the record batch metadata and the padding; the layout keeps it independent of the
 * number of ranks.
 */
public final class AmplificationBench implements Benchmark {
  private static final int SLOTS = 256;
  private static final int STEPS = 4;
  private static final int[] CELL_KIB = {2, 4, 8, 16, 32, 64, 256};
  private static final int[] DP_SIZES = {1, 2, 8, 64, 256};

  /** It makes no difference for Arrow bundles; two of them show that it makes none for these. */
  private static final int[] PARQUET_DP_SIZES = {1, 64};

  @Override
  public String name() {
    return "amplification";
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    List<BenchResult> results = new ArrayList<>();
    for (int cellKib : CELL_KIB) {
      results.addAll(measure(setting, cellKib, DP_SIZES, BundleFormat.ARROW));
    }
    for (int cellKib : CELL_KIB) {
      results.addAll(measure(setting, cellKib, PARQUET_DP_SIZES, BundleFormat.PARQUET));
    }
    return results;
  }

  private List<BenchResult> measure(
      Setting setting, int cellKib, int[] dpSizes, BundleFormat format)
      throws IOException, InterruptedException {
    setting.progress().accept(format.label() + " cells of " + cellKib + " KiB");
    Path root = setting.folder().resolve(format.label() + "-cells-" + cellKib);
    TokenStream tokens = new TokenStream(cellKib * 64, 4, SLOTS, STEPS, 1);
    List<BenchResult> results = new ArrayList<>();
    try (CountingStore store =
        new CountingStore(LocalObjectStore.at(root, LocalObjectStore.Durability.PROCESS))) {
      tokens.write(store, format);
      String prefix = format == BundleFormat.ARROW ? "" : format.label() + " ";
      for (int dpSize : dpSizes) {
        String variant = prefix + "cell=" + cellKib + "KiB dp=" + dpSize;
        results.addAll(measure(store, tokens, variant, dpSize));
      }
    }
    return results;
  }

  private List<BenchResult> measure(
      CountingStore store, TokenStream tokens, String variant, int dpSize)
      throws IOException, InterruptedException {
    store.reset();
    long delivered = 0;
    LakeStream stream = LakeStream.open(store);
    for (int rank = 0; rank < dpSize; rank++) {
      delivered += deliver(stream, Topology.of(rank, dpSize), tokens.totalSteps());
    }
    return List.of(
        BenchResult.of(name(), variant, (double) store.bytes() / delivered, "bytes/byte"),
        BenchResult.of(
            name(),
            variant,
            (double) store.reads() / dpSize / tokens.totalSteps(),
            "requests/step/rank"));
  }

  private static long deliver(LakeStream stream, Topology topology, long steps)
      throws IOException, InterruptedException {
    long values = 0;
    try (BufferAllocator allocator = new RootAllocator();
        StepReader reader =
            StepReader.open(stream, topology, 0, ReaderOptions.defaults(), allocator)) {
      for (long step = 0; step < steps && reader.next(); step++) {
        for (SlotBatch batch : reader.batches()) {
          for (FieldVector vector : batch.root().getFieldVectors()) {
            values += valueBytes(vector);
          }
        }
      }
    }
    return values;
  }

  /** Bytes of the innermost values: no offsets, no validity, no padding. */
  private static long valueBytes(FieldVector vector) {
    return vector.getChildrenFromFields().isEmpty()
        ? (long) vector.getValueCount() * Integer.BYTES
        : vector.getChildrenFromFields().stream().mapToLong(AmplificationBench::valueBytes).sum();
  }
}
