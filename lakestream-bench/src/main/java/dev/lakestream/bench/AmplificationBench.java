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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.parquet.hadoop.ParquetWriter;

/**
 * {@code bench compare amplification}: bytes fetched ÷ bytes of column values delivered, and
 * requests, over all ranks of a dp size, counted at the store. What is fetched beyond values is the
 * run directories, the record batch metadata and the padding; the layout keeps it independent of
 * the number of ranks. Beside it the same steps as Parquet files, one each, with a row group for
 * each slot, counted in the same way.
 */
public final class AmplificationBench implements Benchmark {
  private static final int SLOTS = 512;
  private static final int STEPS = 4;
  private static final int[] CELL_KIB = {2, 4, 8, 16, 32, 64, 256};
  private static final int PLOTTED_KIB = 32;
  private static final int[] DP_SIZES = {1, 2, 8, 64, 512};

  @Override
  public String name() {
    return "compare amplification";
  }

  @Override
  public List<String> aliases() {
    return List.of("amplification");
  }

  @Override
  public Map<String, String> settings() {
    return Map.of("Parquet", Machine.library(ParquetWriter.class) + ", plain, uncompressed");
  }

  /** Fetched ÷ delivered, and requests of a rank for a step. */
  private record Cost(double amplification, double requests) {}

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    List<BenchResult> results = new ArrayList<>();
    for (int cellKib : CELL_KIB) {
      if (cellKib > CELL_KIB[0] && cellKib > CELL_KIB[CELL_KIB.length - 1] * setting.scale()) {
        break;
      }
      setting.progress().accept("cells of " + cellKib + " KiB");
      TokenStream tokens = new TokenStream(cellKib * 64, 4, SLOTS, STEPS, 1);
      List<Cost> streams = streams(setting, tokens, BundleFormat.ARROW);
      List<Cost> parquet = streams(setting, tokens, BundleFormat.PARQUET);
      List<Cost> files = files(setting, tokens, cellKib);
      for (int i = 0; i < DP_SIZES.length; i++) {
        String variant = "cell=" + cellKib + "KiB dp=" + DP_SIZES[i];
        results.add(
            beside(
                variant, "bytes/byte", streams.get(i).amplification, files.get(i).amplification));
        results.add(
            BenchResult.of(
                name(), variant + " Parquet bundles", parquet.get(i).amplification, "bytes/byte"));
        results.add(
            beside(variant, "requests/step/rank", streams.get(i).requests, files.get(i).requests));
      }
      if (setting.plots().isPresent() && cellKib == PLOTTED_KIB) {
        plot(setting.plots().get(), streams, files);
      }
    }
    return results;
  }

  private BenchResult beside(String variant, String unit, double ours, double theirs) {
    return BenchResult.against(
        name(), variant, unit, List.of(ours), "a Parquet file per step", List.of(theirs));
  }

  private static List<Cost> streams(Setting setting, TokenStream tokens, BundleFormat format)
      throws IOException, InterruptedException {
    List<Cost> costs = new ArrayList<>();
    Path root = setting.folder().resolve(format.label());
    try (CountingStore store =
        new CountingStore(LocalObjectStore.at(root, LocalObjectStore.Durability.PROCESS))) {
      tokens.write(store, format);
      for (int dpSize : DP_SIZES) {
        store.reset();
        long delivered = 0;
        LakeStream stream = LakeStream.open(store);
        for (int rank = 0; rank < dpSize; rank++) {
          delivered += deliver(stream, Topology.of(rank, dpSize), tokens.totalSteps());
        }
        costs.add(
            new Cost(
                (double) store.bytes() / delivered,
                (double) store.reads() / dpSize / tokens.totalSteps()));
      }
    }
    Folders.delete(root);
    return costs;
  }

  private static List<Cost> files(Setting setting, TokenStream tokens, int cellKib)
      throws IOException {
    List<Cost> costs = new ArrayList<>();
    Path file = setting.folder().resolve("step-" + cellKib + ".parquet");
    ParquetSteps step = new ParquetSteps(file, tokens);
    for (int dpSize : DP_SIZES) {
      ParquetSteps.Read read = step.readBy(dpSize);
      costs.add(new Cost((double) read.bytes() / read.values(), (double) read.requests() / dpSize));
    }
    Files.delete(file);
    return costs;
  }

  private static void plot(Path folder, List<Cost> streams, List<Cost> files) throws IOException {
    List<Integer> sizes = Arrays.stream(DP_SIZES).boxed().toList();
    new LinePlot("Bytes fetched, cells of " + PLOTTED_KIB + " KiB", "dp", "÷ useful")
        .logarithmic()
        .line("stream", sizes, streams.stream().map(Cost::amplification).toList())
        .line("a Parquet file per step", sizes, files.stream().map(Cost::amplification).toList())
        .line("whole steps (Kafka)", sizes, sizes)
        .write(folder.resolve("amplification.svg"));
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
