// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import dev.lakestream.cli.demo.Proof.Expected;
import dev.lakestream.cli.demo.SampleDigest.Division;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * The Spark side of the demo: the corpus as samples, their digests, and the jobs that append them.
 */
final class DemoWriter implements AutoCloseable {
  private final DemoSettings settings;
  private final SparkSession spark;
  private final Dataset<Sample> samples;

  DemoWriter(DemoSettings settings) throws IOException {
    this.settings = settings;
    this.spark =
        SparkSession.builder()
            .appName("lakestream-demo")
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.sql.warehouse.dir", settings.folder().resolve("warehouse").toString())
            .getOrCreate();
    this.samples =
        new TokenizedCorpus(settings.corpus(), DemoSettings.SEQUENCE_LENGTH)
            .samples(spark)
            .persist(StorageLevel.MEMORY_AND_DISK());
  }

  /** Tokenizes, and digests every row as each rank should get it. */
  Map<Long, Expected> digest() {
    List<RowDigests> digests =
        samples
            .map((MapFunction<Sample, RowDigests>) RowDigests::of, Encoders.bean(RowDigests.class))
            .collectAsList();
    Map<Long, Expected> expected = new HashMap<>();
    for (RowDigests row : digests) {
      expected.put(
          row.getId(),
          new Expected(
              Map.of(
                  Division.WHOLE, List.of(row.getWhole()),
                  Division.ZIGZAG_OF_TWO, List.of(row.getFirst(), row.getSecond()))));
    }
    return expected;
  }

  /** One job: shuffles a part of the samples and appends it, in one commit. */
  void append(int wave) {
    var hash = xxhash64(lit(settings.seed()), col("id"));
    samples
        .filter(pmod(hash, lit(DemoSettings.WAVES)).equalTo(wave))
        .orderBy(xxhash64(lit(settings.seed() + 1), col("id")))
        .select(col("id"), col("source"), col("tokens"), col("documents"))
        .write()
        .format("lakestream")
        .option("globalBatchSize", DemoSettings.GLOBAL_BATCH_SIZE)
        .option("slots", DemoSettings.SLOTS)
        .option("sequence", "tokens")
        .option("fixedLength.tokens", DemoSettings.SEQUENCE_LENGTH)
        .option("tokensColumn", "tokens")
        .option("sourceColumn", "source")
        .option("producer", "demo-tokenizer")
        .options(settings.store().values())
        .mode(SaveMode.Append)
        .save(settings.uri());
  }

  @Override
  public void close() {
    spark.stop();
  }
}
