// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.spark;

import dev.lakestream.bench.BarPlot;
import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.Machine;
import dev.lakestream.bench.compare.SideBySide;
import io.delta.tables.DeltaTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.IntVector;
import org.apache.iceberg.Table;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.spark.sql.SparkSession;

/**
 * {@code bench compare spark}: 131,072 rows of 2,048 int tokens, 1.07 GB, and 2,359,296 rows of 20
 * columns, 1.00 GB, written and read by Spark's local[2]: a stream beside plain Arrow IPC files,
 * Parquet, Iceberg and Delta, in turn, in one session; and what a task needs of memory for a step
 * of 1 GB.
 *
 * <p>The stream and the Arrow files sync each file before they say that it is written; the others
 * do not. What is read was just written, so it comes from the page cache.
 */
public final class SparkComparison implements Benchmark {
  private static final String NAME = "compare spark";
  private static final int TOKEN_ROWS = 131_072;
  private static final int MIXED_ROWS = 9 << 18;

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
    Map<String, SideBySide> written = new LinkedHashMap<>();
    Map<String, SideBySide> read = new LinkedHashMap<>();
    try (SparkSession spark = Formats.session(setting.folder(), 2)) {
      for (SampleRows rows :
          List.of(SampleRows.ofTokens(TOKEN_ROWS), SampleRows.ofMixedColumns(MIXED_ROWS))) {
        Passes passes = new Passes(NAME, spark, rows.scaled(setting.scale()), setting);
        results.addAll(passes.measure());
        written.put(rows.name(), passes.written());
        read.put(rows.name(), passes.read());
      }
    }
    if (setting.plots().isPresent()) {
      Path folder = setting.plots().get();
      plot("Spark writes", written).write(folder.resolve("spark-write.svg"));
      plot("Spark reads all columns", read).write(folder.resolve("spark-read.svg"));
    }
    results.addAll(TaskMemory.measure(NAME, setting));
    return results;
  }

  private static BarPlot plot(String title, Map<String, SideBySide> byRows) {
    List<String> formats = byRows.values().iterator().next().sides();
    BarPlot plot = new BarPlot(title, "MB/s", formats);
    byRows.forEach(
        (rows, figure) -> plot.bars(rows, formats.stream().map(figure::median).toList()));
    return plot;
  }
}
