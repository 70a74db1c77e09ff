// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.spark;

import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark.Setting;
import dev.lakestream.bench.Folders;
import dev.lakestream.bench.JavaProcess;
import dev.lakestream.bench.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Scanner;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.util.ArrowUtils;

/**
 * What one task needs of memory to write one step of 1 GB with slots of 32 MB: a JVM of its own
 * writes it, another one makes the same rows and throws them away. What the first one's resident
 * memory was at its most, less that of the second one, is what writing takes: heap, Arrow's memory,
 * buffers and threads alike, and the garbage that a heap of this size was not yet made to collect.
 */
final class TaskMemory {
  private static final int ROWS = 131_072;
  private static final int SLOTS = 32;
  private static final int ROW_BYTES = 8192;
  static final String NOTHING = "nothing";
  private static final String HEAP = "-Xmx768m";
  private static final String ANSWER = "peak of this process: ";

  private TaskMemory() {}

  /** One format after the other, and nothing, run after run. */
  static List<BenchResult> measure(String bench, Setting setting)
      throws IOException, InterruptedException {
    if (Machine.peakResidentBytes().isEmpty()) {
      setting.progress().accept("memory of a task is measured on Linux only");
      return List.of();
    }
    int rows = Math.max(SLOTS, (int) (ROWS * setting.scale()) / SLOTS * SLOTS);
    String variant =
        String.format(
            Locale.ROOT,
            "one task, one step of %d MiB, slots of %d MiB, memory above that of no writing",
            ((long) rows * ROW_BYTES) >> 20,
            ((long) rows * ROW_BYTES / SLOTS) >> 20);
    List<String> formats = List.of(Formats.STREAM, Formats.ARROW_FILES, Formats.PARQUET);
    List<BenchResult> results = new ArrayList<>();
    List<List<Double>> above = new ArrayList<>();
    List<Double> arrow = new ArrayList<>();
    formats.forEach(format -> above.add(new ArrayList<>()));
    for (int run = 0; run < setting.runs(); run++) {
      setting.progress().accept("memory of a task, run " + (run + 1));
      double[] base = peaks(setting.folder(), NOTHING, rows);
      for (int i = 0; i < formats.size(); i++) {
        double[] peaks = peaks(setting.folder(), formats.get(i), rows);
        above.get(i).add(peaks[0] - base[0]);
        if (i == 0) {
          arrow.add(peaks[1]);
        }
      }
    }
    for (int i = 0; i < formats.size(); i++) {
      BenchResult result =
          BenchResult.of(bench, variant + ", " + formats.get(i), "MB", above.get(i));
      results.add(
          i > 0
              ? result
              : result.with(
                  Map.of("of Arrow's allocator", BenchResult.of("", "", "", arrow).value())));
    }
    return results;
  }

  /** Megabytes of the process and of Arrow's allocator, at their most. */
  static double[] peaks(Path folder, String format, int rows)
      throws IOException, InterruptedException {
    Path place = Files.createDirectories(folder.resolve("memory"));
    Process process =
        JavaProcess.of(
                List.of(HEAP),
                TaskMemory.class.getName(),
                List.of(place.toString(), format, Integer.toString(rows)))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said;
    try (var output = process.getInputStream()) {
      said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
    }
    if (process.waitFor() != 0 || !said.contains(ANSWER)) {
      throw new IOException("writing to " + format + " in a process of its own failed: " + said);
    }
    Folders.delete(place);
    try (Scanner numbers = new Scanner(said.substring(said.indexOf(ANSWER) + ANSWER.length()))) {
      numbers.useLocale(Locale.ROOT);
      return new double[] {numbers.nextDouble(), numbers.nextDouble()};
    }
  }

  /** {@code FOLDER FORMAT ROWS}: writes, and prints its peaks in MB. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    SampleRows shape = SampleRows.ofOneStep(Integer.parseInt(arguments[2]), SLOTS);
    try (SparkSession spark = Formats.session(folder, 1)) {
      Dataset<Row> rows = shape.in(spark).coalesce(1);
      if (arguments[1].equals(NOTHING)) {
        rows.write().format("noop").mode("overwrite").save();
      } else {
        Formats.of(spark).stream()
            .filter(format -> format.name().equals(arguments[1]))
            .findFirst()
            .orElseThrow()
            .write(rows, shape, folder.resolve("rows").toString());
      }
      System.out.println(
          ANSWER
              + Machine.peakResidentBytes().orElseThrow() / 1e6
              + " "
              + ArrowUtils.rootAllocator().getPeakMemoryAllocation() / 1e6);
    }
  }
}
