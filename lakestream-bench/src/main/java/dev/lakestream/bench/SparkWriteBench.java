// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * {@code bench spark-write}: 131,072 rows of 2,048 int tokens, 1.07 GB, from Spark's local[2] into
 * a stream. In turn, in the same session: plain Arrow IPC files written by Spark tasks without any
 * stream, once with Spark's own converter of rows and once with ours; and Parquet with its
 * defaults. The stream and the Arrow files sync each file before they say that it is written;
 * Parquet does not.
 */
public final class SparkWriteBench implements Benchmark {
  private static final int TOKENS = 2048;
  private static final int ROWS = 131_072;
  private static final int PARTITIONS = 4;
  private static final String STREAM = "stream";

  /** One way to write. */
  private interface Sink {
    void write(Dataset<Row> rows, Path target);
  }

  /** A row. A bean, as Spark's encoders want it. */
  public static final class TokenRow implements Serializable {
    private static final long serialVersionUID = 1L;
    private int[] tokens = {};

    /** As many as every row has. */
    public int[] getTokens() {
      return tokens;
    }

    public void setTokens(int[] tokens) {
      this.tokens = tokens;
    }
  }

  @Override
  public String name() {
    return "spark-write";
  }

  @Override
  public List<BenchResult> run(Setting setting) throws IOException {
    int rows = (int) (ROWS * setting.scale());
    Map<String, Sink> sinks = sinks();
    Map<String, List<Double>> rates = new LinkedHashMap<>();
    try (SparkSession spark =
        SparkSession.builder()
            .appName("lakestream-bench")
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .getOrCreate()) {
      Dataset<Row> data = rows(spark, rows);
      // The first round is for the compiler.
      for (int run = -1; run < setting.runs(); run++) {
        setting.progress().accept(run < 0 ? "warming up" : "run " + (run + 1));
        for (Map.Entry<String, Sink> sink : sinks.entrySet()) {
          double rate = measure(sink.getValue(), data, rows, setting.folder().resolve("out"));
          if (run >= 0) {
            rates.computeIfAbsent(sink.getKey(), absent -> new ArrayList<>()).add(rate);
          }
        }
      }
    }
    return results(rates);
  }

  private List<BenchResult> results(Map<String, List<Double>> rates) {
    List<BenchResult> results = new ArrayList<>();
    rates.forEach(
        (sink, runs) -> {
          results.add(BenchResult.of(name(), sink, "MB/s", runs));
          if (!sink.equals(STREAM)) {
            results.add(
                BenchResult.against(
                    name(), STREAM, "MB/s", rates.getOrDefault(STREAM, List.of()), sink, runs));
          }
        });
    return results;
  }

  private static Map<String, Sink> sinks() {
    Map<String, Sink> sinks = new LinkedHashMap<>();
    sinks.put(STREAM, SparkWriteBench::writeStream);
    sinks.put(
        "Arrow files, Spark's converter", (rows, target) -> writeFiles(rows, target, "spark"));
    sinks.put(
        "Arrow files, our converter", (rows, target) -> writeFiles(rows, target, "lakestream"));
    sinks.put("Parquet", (rows, target) -> rows.write().parquet(target.toString()));
    return sinks;
  }

  private static double measure(Sink sink, Dataset<Row> data, int rows, Path target)
      throws IOException {
    long begin = System.nanoTime();
    sink.write(data, target);
    double seconds = (System.nanoTime() - begin) / 1e9;
    delete(target);
    return (double) rows * TOKENS * Integer.BYTES / seconds / 1e6;
  }

  private static Dataset<Row> rows(SparkSession spark, int rows) {
    return spark
        .range(0, rows, 1, PARTITIONS)
        .as(Encoders.LONG())
        .mapPartitions(
            (MapPartitionsFunction<Long, TokenRow>) SparkWriteBench::generate,
            Encoders.bean(TokenRow.class))
        .toDF();
  }

  /** Random tokens once, since it is not the generator that is measured; the first one differs. */
  private static Iterator<TokenRow> generate(Iterator<Long> ids) {
    TokenRow row = new TokenRow();
    row.setTokens(new SplittableRandom(42).ints(TOKENS, 0, 50_000).toArray());
    return new Iterator<>() {
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
  }

  private static void writeStream(Dataset<Row> rows, Path target) {
    rows.write()
        .format("lakestream")
        .option("globalBatchSize", 512)
        .option("slots", 64)
        .option("fixedLength.tokens", TOKENS)
        .mode("append")
        .save(target.toString());
  }

  private static void writeFiles(Dataset<Row> rows, Path target, String converter) {
    rows.write()
        .format(ArrowFileSink.class.getName())
        .option("converter", converter)
        .mode("append")
        .save(target.toString());
  }

  private static void delete(Path target) throws IOException {
    try (Stream<Path> files = Files.walk(target)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
