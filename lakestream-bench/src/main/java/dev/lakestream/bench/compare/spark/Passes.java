// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.spark;

import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark.Setting;
import dev.lakestream.bench.Folders;
import dev.lakestream.bench.compare.SideBySide;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Passes over the same rows: each format in turn writes and reads them, run after run. */
final class Passes {
  /** Of all rows, those that everything is tried with before it is measured. */
  private static final double WARM_UP = 0.5;

  private final String bench;
  private final SparkSession spark;
  private final SampleRows shape;
  private final Setting setting;
  private final SideBySide written;
  private final SideBySide read;
  private final SideBySide oneColumn;
  private final SideBySide ratio;
  private final SideBySide stored;

  Passes(String bench, SparkSession spark, SampleRows shape, Setting setting) {
    this.bench = bench;
    this.spark = spark;
    this.shape = shape;
    this.setting = setting;
    this.written = new SideBySide(shape.name() + ", write", "MB/s");
    this.read = new SideBySide(shape.name() + ", read all row by row", "MB/s");
    this.oneColumn = new SideBySide(shape.name() + ", read one column", "million rows/s");
    this.ratio = new SideBySide(shape.name() + ", one column ÷ all row by row", "rows/s ÷ rows/s");
    this.stored = new SideBySide(shape.name() + ", stored", "bytes ÷ bytes of values");
  }

  List<BenchResult> measure() throws IOException {
    SampleRows few = shape.scaled(WARM_UP);
    Dataset<Row> fewRows = few.in(spark);
    for (Format format : Formats.of(spark)) {
      setting.progress().accept(shape.name() + ", warming up, " + format.name());
      pass(format, few, fewRows, false);
    }
    fewRows.unpersist();
    List<Double> generated = new ArrayList<>();
    Dataset<Row> rows = shape.in(spark);
    consume(rows);
    for (int run = 0; run < setting.runs(); run++) {
      generated.add(shape.bytes() / 1e6 / seconds(() -> consume(rows)));
      for (Format format : Formats.of(spark)) {
        setting.progress().accept(shape.name() + ", run " + (run + 1) + ", " + format.name());
        pass(format, shape, rows, true);
      }
    }
    rows.unpersist();
    List<BenchResult> results = new ArrayList<>();
    results.add(
        BenchResult.of(bench, shape.name() + ", rows made and thrown away", "MB/s", generated));
    for (SideBySide figure : List.of(written, stored, read, oneColumn, ratio)) {
      results.addAll(figure.results(bench));
    }
    return results;
  }

  /** How fast each format was written. */
  SideBySide written() {
    return written;
  }

  /** How fast each format that can be read was read, all of it. */
  SideBySide read() {
    return read;
  }

  private void pass(Format format, SampleRows of, Dataset<Row> rows, boolean kept)
      throws IOException {
    Path place = setting.folder().resolve("rows");
    Folders.warmPageCache(setting.folder(), of.bytes());
    double writing = seconds(() -> format.write(rows, of, place.toString()));
    if (kept) {
      written.add(format.name(), of.bytes() / 1e6 / writing);
      stored.add(format.name(), (double) Folders.bytes(place) / of.bytes());
    }
    Optional<Dataset<Row>> there = format.read(place.toString());
    if (there.isPresent()) {
      double all = seconds(() -> consume(there.get()));
      if (kept) {
        read.add(format.name(), of.bytes() / 1e6 / all);
      }
      if (of.oneColumn().isPresent()) {
        double one = seconds(() -> digest(there.get(), of.oneColumn().get(), of.rows()));
        if (kept) {
          oneColumn.add(format.name(), of.rows() / 1e6 / one);
          ratio.add(format.name(), all / one);
        }
      }
    }
    Folders.delete(place);
  }

  /** Every row with all of its columns, as a row. */
  private static void consume(Dataset<Row> rows) {
    rows.write().format("noop").mode("overwrite").save();
  }

  /** Every value of one column, into something that no statistics can answer. */
  private static void digest(Dataset<Row> rows, String column, long expected) {
    Row digest = rows.selectExpr("bit_xor(" + column + ")", "count(" + column + ")").head();
    if (digest.getLong(1) != expected) {
      throw new IllegalStateException(
          "of " + expected + " rows " + digest.getLong(1) + " were read");
    }
  }

  private static double seconds(Runnable work) {
    long begin = System.nanoTime();
    work.run();
    return (System.nanoTime() - begin) / 1e9;
  }
}
