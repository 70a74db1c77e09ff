// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.Folders;
import dev.lakestream.bench.LinePlot;
import dev.lakestream.bench.Machine;
import dev.lakestream.bench.compare.SideBySide;
import dev.lakestream.store.LocalObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;

/**
 * {@code bench compare kafka}: global batches through a stream in a local directory and through a
 * Kafka broker that is made to keep the same promise, in turn, on the same disk.
 *
 * <p>Both force every write to the disk, or neither does. The broker is a process of its own on
 * this machine, so its bytes cross the loopback interface; a stream has no broker to send them to.
 */
public final class KafkaComparison implements Benchmark {
  private static final String NAME = "compare kafka";
  private static final int SLOTS = 16;
  private static final long[] STEP_BYTES = {256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20};
  private static final int[] PRODUCERS = {1, 4, 8};
  private static final int[] PRODUCERS_SYNCED = {1, 8};
  private static final int FRESH_BATCHES = 100;

  /** What is written for one figure of ingestion, unless these would be too many or few steps. */
  private static final long INGESTED = 128 << 20;

  private static final int MOST_INGESTED = 128;

  /** Fewer, since each of them is many files that wait for the disk. */
  private static final int MOST_INGESTED_SYNCED = 48;

  /** Of all steps, those that a feed is tried with before it is measured. */
  private static final int WARM_UP = 4;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("Kafka", Machine.library(Admin.class) + ", one broker, KRaft, on this machine");
    settings.putAll(KafkaClients.describe());
    return settings;
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    List<BenchResult> results = new ArrayList<>();
    try (KafkaBroker broker = KafkaBroker.start(setting.folder().resolve("broker"))) {
      for (boolean synced : new boolean[] {false, true}) {
        KafkaClients clients = new KafkaClients(broker.address(), broker.logs(), synced);
        results.addAll(ingest(setting, feeds(setting.folder(), clients, synced), synced));
      }
      KafkaClients clients = new KafkaClients(broker.address(), broker.logs(), false);
      List<BatchFeed> readers = new ArrayList<>(feeds(setting.folder(), clients, false));
      readers.add(TransactionFeed.polledStepByStep(clients));
      results.addAll(new Backlogs(NAME, setting).measure(readers));
      results.addAll(age(setting, feeds(setting.folder(), clients, false)));
      results.addAll(kill(setting, broker, clients));
      results.addAll(limits(broker));
    }
    return results;
  }

  private static List<BatchFeed> feeds(Path folder, KafkaClients clients, boolean synced) {
    LocalObjectStore.Durability durability =
        synced ? LocalObjectStore.Durability.SYNC : LocalObjectStore.Durability.PROCESS;
    return List.of(
        StreamFeed.of(folder, durability),
        StreamFeed.ofSingleSteps(folder, durability),
        TransactionFeed.of(clients),
        MessageFeed.ofWholeSteps(clients),
        MessageFeed.ofChunks(clients));
  }

  private static List<BenchResult> ingest(Setting setting, List<BatchFeed> feeds, boolean synced)
      throws Exception {
    List<BenchResult> results = new ArrayList<>();
    String durability = synced ? "every write synced" : "no write synced";
    for (int producers : synced ? PRODUCERS_SYNCED : PRODUCERS) {
      List<SideBySide> bySize = new ArrayList<>();
      for (long stepBytes : STEP_BYTES) {
        BatchShape shape = BatchShape.ofStep(SLOTS, stepBytes);
        int batches = batches(shape, producers, synced, setting.scale());
        String variant =
            "ingest, %s, %d producers, steps of %d KiB"
                .formatted(durability, producers, stepBytes >> 10);
        setting.progress().accept(variant);
        SideBySide figure = new SideBySide(variant, "MB/s");
        // The first size is the warm-up of all others, too.
        for (int run = bySize.isEmpty() ? -1 : 0; run < setting.runs(); run++) {
          for (BatchFeed feed : inTurn(feeds, run)) {
            int sent = run < 0 ? Math.max(1, batches / WARM_UP) : batches;
            settle(setting.folder(), shape.stepBytes() * sent * producers);
            double seconds = Ingestion.measure(feed, shape, producers, sent);
            if (run >= 0) {
              figure.add(feed.name(), shape.stepBytes() * batches * producers / 1e6 / seconds);
            }
          }
        }
        bySize.add(figure);
        figure.results(NAME).forEach(rate -> results.add(withSteps(rate, shape)));
      }
      if (setting.plots().isPresent()) {
        plotIngestion(setting.plots().get(), feeds, bySize, synced, producers);
      }
    }
    return results;
  }

  private static BenchResult withSteps(BenchResult rate, BatchShape shape) {
    return rate.with(Map.of("steps/s", rate.value() * 1e6 / shape.stepBytes()));
  }

  /** Each time another one first: what the one before has left to do falls on the next. */
  private static List<BatchFeed> inTurn(List<BatchFeed> feeds, int run) {
    List<BatchFeed> rotated = new ArrayList<>(feeds);
    Collections.rotate(rotated, run);
    return rotated;
  }

  /** Waits until what was written before is on the disk, and has memory ready for as much again. */
  private static void settle(Path folder, long bytes) throws IOException, InterruptedException {
    new ProcessBuilder("sync").inheritIO().start().waitFor();
    Folders.warmPageCache(folder, bytes);
  }

  /** How many each producer sends. */
  private static int batches(BatchShape shape, int producers, boolean synced, double scale) {
    int most = synced ? MOST_INGESTED_SYNCED : MOST_INGESTED;
    double all = Math.min(most, (double) INGESTED / shape.stepBytes());
    return (int) Math.max(1, Math.round(all * scale / producers));
  }

  private static void plotIngestion(
      Path folder, List<BatchFeed> feeds, List<SideBySide> bySize, boolean synced, int producers)
      throws IOException {
    LinePlot plot =
        new LinePlot(
                producers + " producers, " + (synced ? "every write synced" : "no write synced"),
                "KiB of a step",
                "MB/s")
            .logarithmic();
    for (BatchFeed feed : feeds) {
      List<Long> sizes = new ArrayList<>();
      List<Double> rates = new ArrayList<>();
      for (int size = 0; size < STEP_BYTES.length; size++) {
        sizes.add(STEP_BYTES[size] >> 10);
        rates.add(bySize.get(size).median(feed.name()));
      }
      plot.line(feed.name(), sizes, rates);
    }
    plot.write(
        folder.resolve(
            "kafka-ingest-%s-%d.svg".formatted(synced ? "synced" : "unsynced", producers)));
  }

  private static List<BenchResult> age(Setting setting, List<BatchFeed> feeds) throws Exception {
    BatchShape shape = BatchShape.ofStep(SLOTS, 1 << 20);
    String variant = "age of a step of 1 MiB at a waiting rank, one each 50 ms";
    setting.progress().accept(variant);
    SideBySide p50 = new SideBySide(variant + ", p50", "ms");
    SideBySide p99 = new SideBySide(variant + ", p99", "ms");
    for (int run = 0; run < setting.runs(); run++) {
      for (BatchFeed feed : inTurn(feeds, run)) {
        try (BatchFeed.Opened open = feed.open(shape, 1)) {
          double[] ages =
              Freshness.measure(open, (int) Math.max(20, FRESH_BATCHES * setting.scale()));
          p50.add(feed.name(), ages[0]);
          p99.add(feed.name(), ages[1]);
        }
      }
    }
    List<BenchResult> results = new ArrayList<>(p50.results(NAME));
    results.addAll(p99.results(NAME));
    return results;
  }

  private static List<BenchResult> kill(Setting setting, KafkaBroker broker, KafkaClients clients)
      throws Exception {
    setting.progress().accept("producers that are killed between two slots");
    List<BenchResult> results = new ArrayList<>();
    StreamFeed stream = StreamFeed.of(setting.folder(), LocalObjectStore.Durability.PROCESS);
    try (StreamFeed.OneStream open = stream.open(Killing.SHAPE, 1)) {
      results.add(
          killed(
              stream.name(),
              Killing.measure(
                  new Killing.Target("stream", open.root().toString(), "-"),
                  () -> open.producer(0),
                  () -> open.reader(0))));
    }
    String slots = "dying-" + UUID.randomUUID();
    clients.create(List.of(slots), Killing.SHAPE.slots());
    results.add(
        killed(
            "Kafka, a transaction for each step (times out after %d s)"
                .formatted(KafkaClients.TRANSACTION_TIMEOUT.toSeconds()),
            Killing.measure(
                new Killing.Target("transaction", broker.address(), slots),
                () -> new TransactionFeed.Producer(Killing.SHAPE, slots, slots + "-2", clients),
                () ->
                    new TransactionFeed.Reader(
                        clients.consumer(List.of(new TopicPartition(slots, 0))), List.of(slots)))));
    MessageFeed chunks = MessageFeed.ofChunks(clients);
    String whole = "dying-" + UUID.randomUUID();
    clients.create(List.of(whole), 1);
    results.add(
        killed(
            chunks.name(),
            Killing.measure(
                new Killing.Target("chunks", broker.address(), whole),
                () -> chunks.producer(whole, 2, Killing.SHAPE),
                () ->
                    new MessageFeed.Reader(
                        clients.consumer(List.of(new TopicPartition(whole, 0))),
                        Killing.SHAPE,
                        0))));
    return results;
  }

  private static BenchResult killed(String feed, Killing.Outcome outcome) {
    return BenchResult.of(
            NAME,
            "a producer was killed between slots: until a rank has the next batch, " + feed,
            outcome.seconds(),
            "s")
        .with(Map.of("fetched ÷ useful", outcome.amplification()));
  }

  /** What a broker takes that nobody has set up for large batches. */
  private static List<BenchResult> limits(KafkaBroker broker) throws Exception {
    double message = MessageLimit.largest(broker.address()) / 1024.0;
    return List.of(
        BenchResult.of(
            NAME, "largest step at a broker's defaults, a message for each step", message, "KiB"),
        BenchResult.of(
            NAME,
            "largest step at a broker's defaults, a transaction over " + SLOTS + " slots",
            message * SLOTS,
            "KiB"));
  }
}
