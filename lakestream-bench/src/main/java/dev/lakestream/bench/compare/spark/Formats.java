// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.spark;

import dev.lakestream.bench.ArrowFileSink;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.iceberg.spark.SparkCatalog;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The formats, and a session that knows all of them. */
final class Formats {
  /** Ours, the first of all. */
  static final String STREAM = "stream";

  /** What a stream's writing is held against. */
  static final String ARROW_FILES = "Arrow files, Spark's converter";

  static final String PARQUET = "Parquet";

  private static final String CATALOG = "iceberg_tables";

  private Formats() {}

  /** Writes, given the rows and their shape. */
  @FunctionalInterface
  private interface Writing {
    void write(Dataset<Row> rows, SampleRows shape, String place);
  }

  private record Simple(
      String name, Writing writing, Function<String, Optional<Dataset<Row>>> reading)
      implements Format {
    @Override
    public void write(Dataset<Row> rows, SampleRows shape, String place) {
      writing.write(rows, shape, place);
    }

    @Override
    public Optional<Dataset<Row>> read(String place) {
      return reading.apply(place);
    }
  }

  /**
   * A session; everything that is Parquet is compressed with zstd.
   *
   * @param threads how many tasks run at a time
   */
  static SparkSession session(Path folder, int threads) {
    return SparkSession.builder()
        .appName("lakestream-bench")
        .master("local[" + threads + "]")
        .config("spark.ui.enabled", false)
        .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
        .config("spark.sql.parquet.compression.codec", "zstd")
        // For this machine's cores; Delta reads its log as a job of so many tasks.
        .config("spark.sql.shuffle.partitions", 2L * threads)
        .config("spark.databricks.delta.snapshotPartitions", 2)
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.sql.catalog." + CATALOG, SparkCatalog.class.getName())
        .config("spark.sql.catalog." + CATALOG + ".type", "hadoop")
        .config("spark.sql.catalog." + CATALOG + ".warehouse", folder.toString())
        .config("spark.sql.catalog." + CATALOG + ".cache-enabled", false)
        .getOrCreate();
  }

  /** All of them. */
  static List<Format> of(SparkSession spark) {
    return List.of(
        new Simple(
            STREAM,
            (rows, shape, place) -> streamWriter(rows, shape).save(place),
            place -> Optional.of(spark.read().format("lakestream").load(place))),
        new Simple(
            ARROW_FILES,
            (rows, shape, place) -> writeArrow(rows, place, "spark"),
            place -> Optional.empty()),
        new Simple(
            "Arrow files, our converter",
            (rows, shape, place) -> writeArrow(rows, place, "lakestream"),
            place -> Optional.empty()),
        new Simple(
            "Stream of Parquet bundles",
            (rows, shape, place) ->
                streamWriter(rows, shape)
                    .option("bundleFormat", "parquet")
                    .option("compression", "zstd")
                    .save(place),
            place -> Optional.of(spark.read().format("lakestream").load(place))),
        new Simple(
            PARQUET,
            (rows, shape, place) -> rows.write().parquet(place),
            place -> Optional.of(spark.read().parquet(place))),
        new Simple(
            "Parquet, no dictionary",
            (rows, shape, place) ->
                rows.write().option("parquet.enable.dictionary", "false").parquet(place),
            place -> Optional.of(spark.read().parquet(place))),
        new Simple(
            "Iceberg",
            (rows, shape, place) -> writeIceberg(rows, place),
            place -> Optional.of(spark.table(table(place)))),
        new Simple(
            "Delta",
            (rows, shape, place) -> rows.write().format("delta").save(place),
            place -> Optional.of(spark.read().format("delta").load(place))));
  }

  private static DataFrameWriter<Row> streamWriter(Dataset<Row> rows, SampleRows shape) {
    DataFrameWriter<Row> writer =
        rows.write()
            .format("lakestream")
            .option("globalBatchSize", shape.batchRows())
            .option("slots", shape.slots());
    shape
        .fixedLengths()
        .forEach((column, length) -> writer.option("fixedLength." + column, length));
    return writer.mode("append");
  }

  private static void writeArrow(Dataset<Row> rows, String place, String converter) {
    rows.write()
        .format(ArrowFileSink.class.getName())
        .option("converter", converter)
        .mode("append")
        .save(place);
  }

  private static void writeIceberg(Dataset<Row> rows, String place) {
    try {
      rows.writeTo(table(place))
          .using("iceberg")
          .tableProperty("write.parquet.compression-codec", "zstd")
          .tableProperty("write.distribution-mode", "none")
          .create();
    } catch (org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException e) {
      throw new IllegalStateException(place + " is not empty", e);
    }
  }

  /** The table in a folder of the warehouse. */
  private static String table(String place) {
    return CATALOG + ".`" + Path.of(place).getFileName() + "`";
  }
}
