// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.runtime;

import java.io.IOException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a user submits: writes rows to a stream and reads them back, as rows and as the files of the
 * mount that is named second. Knows nothing but Spark. Some tasks fail when they are tried for the
 * first time.
 */
public final class RoundTripApp {
  private static final int ROWS = 1000;
  private static final int STEPS = (ROWS + 47) / 48;
  private static final int SLOTS = 16;
  private static final int PIECES = 2;
  private static final String OWN_TOKENS =
      "tokens = transform(sequence(0, 15), i -> cast(id + i as int))";

  private RoundTripApp() {}

  public static void main(String[] arguments) throws IOException {
    String root = arguments[0];
    try (SparkSession spark = SparkSession.builder().appName("round trip").getOrCreate()) {
      MapFunction<Long, Long> failOnce =
          id -> {
            if (id == 777 && TaskContext.get().attemptNumber() == 0) {
              throw new IllegalStateException("the first attempt fails on purpose");
            }
            return id;
          };
      Dataset<Row> rows =
          spark
              .range(0, ROWS, 1, 5)
              .as(Encoders.LONG())
              .map(failOnce, Encoders.LONG())
              .toDF("id")
              .selectExpr("id", "transform(sequence(0, 15), i -> cast(id + i as int)) as tokens");
      rows.write()
          .format("lakestream")
          .option("globalBatchSize", 48)
          .option("slots", SLOTS)
          .option("pieces", PIECES)
          .option("sequence", "tokens")
          .option("fixedLength.tokens", 16)
          .option("bundleSize", "8KB")
          .mode("append")
          .save(root);

      Dataset<Row> read = spark.read().format("lakestream").load(root);
      expect("rows", ROWS, read.count());
      expect("ids", ROWS, read.select("id").distinct().count());
      expect("steps", STEPS, read.select("_step").distinct().count());
      expect("producers", 1, read.select("_producer").distinct().count());
      expect("rows with their own tokens", ROWS, read.where(OWN_TOKENS).count());

      String ofParquet = root + "-of-parquet";
      rows.write()
          .format("lakestream")
          .option("globalBatchSize", 48)
          .option("slots", SLOTS)
          .option("bundleFormat", "parquet")
          .option("compression", "zstd")
          .mode("append")
          .save(ofParquet);
      expect(
          "rows of Parquet bundles with their own tokens",
          ROWS,
          spark.read().format("lakestream").load(ofParquet).where(OWN_TOKENS).count());
      expect(
          "rows that Spark finds in them as files",
          ROWS,
          spark
              .read()
              .option("recursiveFileLookup", true)
              .parquet(ofParquet + "/data")
              .where(OWN_TOKENS)
              .select("id")
              .distinct() // The driver has written the rows of the last steps once more.
              .count());

      spark.conf().set("spark.sql.catalog.lake", "dev.lakestream.spark.LakestreamCatalog");
      String ordered = "lake.`" + root + "-in-order`";
      spark.sql("create table " + ordered + " (id bigint) tblproperties (slots=16)");
      rows.createOrReplaceTempView("rows");
      spark.sql(
          "insert into "
              + ordered
              + " with (globalBatchSize=48, order='ordered') select id from rows order by id desc");
      expect(
          "rows in the order of the DataFrame",
          ROWS,
          spark.table(ordered).where("_step = (999 - id) div 48").count());

      Dataset<Row> files =
          spark.read().format("binaryFile").load(arguments[1] + "/steps/*/slot-*.arrow");
      expect("files", STEPS * SLOTS * PIECES, files.count());
      String byName = "select * from binaryFile.`" + arguments[1] + "/steps/*/slot-0000-*`";
      expect("files of a slot, in SQL", STEPS * PIECES, spark.sql(byName).count());
      expect(
          "Arrow files of the length they are listed with",
          STEPS * SLOTS * PIECES,
          files
              .where("length(content) = length and startswith(content, cast('ARROW1' as binary))")
              .count());
    }
  }

  private static void expect(String what, long wanted, long found) {
    if (wanted != found) {
      throw new AssertionError(what + ": " + wanted + " are wanted, " + found + " were read");
    }
    System.out.println(what + ": " + found);
  }
}
