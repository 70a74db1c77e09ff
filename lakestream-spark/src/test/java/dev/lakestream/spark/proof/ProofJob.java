// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/** A program that writes {@value #ROWS} rows in one job. */
public final class ProofJob {
  static final long ROWS = 2_000;
  private static final int PARTITIONS = 4;

  private ProofJob() {}

  /**
   * Runs.
   *
   * @param args the root of the stream, options as {@code k=v}
   */
  public static void main(String[] args) throws IOException {
    Map<String, String> options = new TreeMap<>();
    for (String option : List.of(args).subList(1, args.length)) {
      int at = option.indexOf('=');
      options.put(option.substring(0, at), option.substring(at + 1));
    }
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      session
          .range(0, ROWS, 1, PARTITIONS)
          .write()
          .format("lakestream")
          .options(options)
          .option("globalBatchSize", 64)
          .option("slots", 4)
          .option("bundleSize", "1KB")
          .option("producer", "job")
          .mode("append")
          .save(args[0]);
    }
  }
}
