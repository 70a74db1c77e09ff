// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.spark;

import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.Machine;
import io.delta.tables.DeltaTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.IntVector;
import org.apache.iceberg.Table;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.spark.sql.SparkSession;

/**
 * {@code bench compare spark}: 131,072 rows of 2,048 int tokens, 1.07 GB, and rows of 20 columns,
 * written and read by Spark's local[2]: a stream beside plain Arrow IPC files, Parquet, Iceberg and
 * Delta, in turn, in one session; and what a task needs of memory for a step of 1 GB.
 *
 * <p>The stream and the Arrow files sync each file before they say that it is written; the others
 * do not. What is read was just written, so it comes from the page cache.
 */
public final class SparkComparison implements Benchmark {
  private static final String NAME = "compare spark";
  private static final int TOKEN_ROWS = 131_072;
  private static final int MIXED_ROWS = 1 << 19;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> aliases() {
    return List.of("spark");
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("Spark", Machine.library(SparkSession.class) + ", local[2]");
    settings.put("Arrow", Machine.library(IntVector.class));
    settings.put("Parquet", Machine.library(ParquetWriter.class) + ", zstd");
    settings.put("Iceberg", Machine.library(Table.class) + ", zstd, hadoop catalog, no shuffle");
    settings.put("Delta", Machine.library(DeltaTable.class) + ", zstd, otherwise its defaults");
    return settings;
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    List<BenchResult> results = new ArrayList<>();
    try (SparkSession spark = Formats.session(setting.folder(), 2)) {
      for (SampleRows rows :
          List.of(
              SampleRows.ofTokens(TOKEN_ROWS).scaled(setting.scale()),
              SampleRows.ofMixedColumns(MIXED_ROWS).scaled(setting.scale()))) {
        results.addAll(new Passes(NAME, spark, rows, setting).measure());
      }
    }
    results.addAll(TaskMemory.measure(NAME, setting));
    return results;
  }
}
