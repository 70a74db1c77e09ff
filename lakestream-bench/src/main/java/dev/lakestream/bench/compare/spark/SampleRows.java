// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Rows to be written.
 *
 * @param name in tables
 * @param rows how many
 * @param rowBytes of the values of a row: no offsets, no validity
 * @param batchRows of a step
 * @param slots of a step
 * @param fixedLengths of list columns, of which a stream can know it
 * @param oneColumn of BIGINT, that is read alone; empty if there is only one
 */
record SampleRows(
    String name,
    long rows,
    int rowBytes,
    int batchRows,
    int slots,
    Map<String, Integer> fixedLengths,
    Optional<String> oneColumn) {
  private static final int SLOTS = 64;
  static final int TOKENS = 2048;
  private static final int VOCABULARY = 50_000;
  private static final int POOL = 1 << 22;
  private static final int PARTITIONS = 4;
  private static final int WIDE_TOKENS = 64;
  private static final int TEXT = 24;

  /** A row of tokens. A bean, as Spark's encoders want it. */
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

  /** Rows of 2,048 int tokens each. */
  static SampleRows ofTokens(long rows) {
    return new SampleRows(
        "tokens",
        rows,
        TOKENS * Integer.BYTES,
        512,
        SLOTS,
        Map.of("tokens", TOKENS),
        Optional.empty());
  }

  /** Such rows, all in one step. */
  static SampleRows ofOneStep(int rows, int slots) {
    return new SampleRows(
        "one step",
        rows,
        TOKENS * Integer.BYTES,
        rows,
        slots,
        Map.of("tokens", TOKENS),
        Optional.empty());
  }

  /** Rows of 20 columns: numbers of all sizes, booleans, a time, strings, and a list of tokens. */
  static SampleRows ofMixedColumns(long rows) {
    int bytes =
        4 * Long.BYTES
            + 4 * Integer.BYTES
            + 4 * Double.BYTES
            + 2 * Float.BYTES
            + 1
            + Long.BYTES
            + 3 * TEXT
            + WIDE_TOKENS * Integer.BYTES;
    return new SampleRows(
        "20 columns",
        rows,
        bytes,
        16_384,
        SLOTS,
        Map.of("tokens", WIDE_TOKENS),
        Optional.of("number_1"));
  }

  /** A part of them, in whole steps. */
  SampleRows scaled(double scale) {
    long steps = Math.max(1, (long) (rows * scale) / batchRows);
    return new SampleRows(
        name, steps * batchRows, rowBytes, batchRows, slots, fixedLengths, oneColumn);
  }

  long bytes() {
    return rows * rowBytes;
  }

  /** The rows: the same ones whenever they are computed. Those of many columns are cached. */
  Dataset<Row> in(SparkSession spark) {
    return oneColumn.isEmpty() ? tokens(spark, TOKENS) : mixed(spark).persist();
  }

  private Dataset<Row> tokens(SparkSession spark, int length) {
    return spark
        .range(0, rows, 1, PARTITIONS)
        .as(Encoders.LONG())
        .mapPartitions(
            (MapPartitionsFunction<Long, TokenRow>) ids -> cutFromPool(ids, length),
            Encoders.bean(TokenRow.class))
        .toDF();
  }

  /** Cut anywhere from a pool of random tokens, since it is not the generator that is measured. */
  private static Iterator<TokenRow> cutFromPool(Iterator<Long> ids, int length) {
    int[] pool = new SplittableRandom(42).ints(POOL, 0, VOCABULARY).toArray();
    TokenRow row = new TokenRow();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return ids.hasNext();
      }

      @Override
      public TokenRow next() {
        int from = new SplittableRandom(ids.next()).nextInt(POOL - length);
        row.setTokens(Arrays.copyOfRange(pool, from, from + length));
        return row;
      }
    };
  }

  private Dataset<Row> mixed(SparkSession spark) {
    Dataset<Row> rowsSoFar =
        tokens(spark, WIDE_TOKENS).withColumn("seed", functions.xxhash64(functions.col("tokens")));
    for (int i = 0; i < 4; i++) {
      rowsSoFar =
          rowsSoFar
              .withColumn("number_" + i, functions.expr("xxhash64(seed, " + i + ")"))
              .withColumn("count_" + i, functions.expr("hash(seed, " + i + ") % 1000"))
              .withColumn("score_" + i, functions.expr("(seed % 1000003) * 0.001 * " + (i + 1)));
    }
    for (int i = 0; i < 3; i++) {
      rowsSoFar =
          rowsSoFar.withColumn(
              "text_" + i,
              functions.expr(
                  "substring(concat(hex(xxhash64(seed, 1" + i + ")), hex(seed)), 1, 24)"));
    }
    return rowsSoFar
        .withColumn("weight_0", functions.expr("cast((seed % 101) / 101 as float)"))
        .withColumn("weight_1", functions.expr("cast((seed % 103) / 103 as float)"))
        .withColumn("kept", functions.expr("seed % 2 = 0"))
        .withColumn(
            "time",
            functions.expr("timestamp_micros(1767225600000000 + abs(seed % 31536000000000))"))
        .drop("seed");
  }
}
