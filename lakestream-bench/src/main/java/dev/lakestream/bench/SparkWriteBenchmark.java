// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Writes the same rows to nothing, to plain Arrow files and to a stream, in turn, and prints
 * medians.
 *
 * <p>Arguments: a directory to write to, rows (131072), rounds (5), a part of the name of those
 * sinks that are wanted (all).
 */
public final class SparkWriteBenchmark {
  private static final int TOKENS = 2048;

  private SparkWriteBenchmark() {}

  /** A row. */
  public static final class TokenRow implements Serializable {
    private static final long serialVersionUID = 1L;
    private int[] tokens = {};

    public int[] getTokens() {
      return tokens;
    }

    public void setTokens(int[] tokens) {
      this.tokens = tokens;
    }
  }

  /** One of the sinks. */
  private record Sink(String name, Writer writer) {}

  private interface Writer {
    void write(Dataset<Row> rows, Path target);
  }

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    int rows = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 131_072;
    int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
    String wanted = arguments.length > 3 ? arguments[3] : "";
    Sink[] all = {
      new Sink("no-op", (data, target) -> data.write().format("noop").mode("overwrite").save()),
      new Sink("arrow files, spark's converters", (data, target) -> files(data, target, "spark")),
      new Sink("arrow files, our converters", (data, target) -> files(data, target, "lakestream")),
      new Sink("stream, fixed length", (data, target) -> stream(data, target, true)),
      new Sink("stream, any length", (data, target) -> stream(data, target, false)),
    };
    Sink[] sinks =
        Arrays.stream(all).filter(sink -> sink.name.contains(wanted)).toArray(Sink[]::new);
    double[][] rates = new double[sinks.length][rounds];
    double[][] processor = new double[sinks.length][rounds];
    try (SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", false).getOrCreate()) {
      Dataset<Row> data = rows(spark, rows);
      // The first round is for the compiler.
      for (int round = -1; round < rounds; round++) {
        for (int sink = 0; sink < sinks.length; sink++) {
          Path target = folder.resolve("bench-" + sink);
          long begin = System.nanoTime();
          long used = processorTime();
          sinks[sink].writer.write(data, target);
          double seconds = (System.nanoTime() - begin) / 1e9;
          double processorSeconds = (processorTime() - used) / 1e9;
          delete(target);
          if (round >= 0) {
            processor[sink][round] = processorSeconds;
            rates[sink][round] = (double) rows * TOKENS * Integer.BYTES / seconds / 1e6;
          }
        }
      }
    }
    for (int sink = 0; sink < sinks.length; sink++) {
      Arrays.sort(rates[sink]);
      Arrays.sort(processor[sink]);
      System.out.printf(
          "%-34s %6.0f MB/s (%.0f to %.0f), processor %.2f s (%.2f to %.2f)%n",
          sinks[sink].name,
          rates[sink][rounds / 2],
          rates[sink][0],
          rates[sink][rounds - 1],
          processor[sink][rounds / 2],
          processor[sink][0],
          processor[sink][rounds - 1]);
    }
  }

  /** What the process has used: on a machine that others use too it says more than the clock. */
  private static long processorTime() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  private static Dataset<Row> rows(SparkSession spark, int rows) {
    MapPartitionsFunction<Long, TokenRow> fill =
        ids -> {
          SplittableRandom random = new SplittableRandom(42);
          TokenRow row = new TokenRow();
          row.setTokens(random.ints(TOKENS, 0, 50_000).toArray());
          return new java.util.Iterator<>() {
            @Override
            public boolean hasNext() {
              return ids.hasNext();
            }

            @Override
            public TokenRow next() {
              row.getTokens()[0] = ids.next().intValue();
              return row;
            }
          };
        };
    return spark
        .range(0, rows, 1, 4)
        .as(Encoders.LONG())
        .mapPartitions(fill, Encoders.bean(TokenRow.class))
        .toDF();
  }

  private static void files(Dataset<Row> data, Path target, String converter) {
    data.write()
        .format(ArrowFileSink.class.getName())
        .option("converter", converter)
        .mode("append")
        .save(target.toString());
  }

  private static void stream(Dataset<Row> data, Path target, boolean fixed) {
    var writer =
        data.write()
            .format("lakestream")
            .option("globalBatchSize", 512)
            .option("slots", 64)
            .mode("append");
    if (fixed) {
      writer.option("fixedLength.tokens", TOKENS);
    }
    writer.save(target.toString());
  }

  private static void delete(Path target) throws IOException {
    if (!Files.exists(target)) {
      return;
    }
    try (Stream<Path> files = Files.walk(target)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
