// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.bench.AmplificationBench;
import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.Folders;
import dev.lakestream.bench.HistoryBench;
import dev.lakestream.bench.HostCacheBench;
import dev.lakestream.bench.LoaderBench;
import dev.lakestream.bench.Machine;
import dev.lakestream.bench.ReadLocalBench;
import dev.lakestream.bench.S3ReadBench;
import dev.lakestream.bench.S3WriteBench;
import dev.lakestream.bench.compare.colocated.ColocatedComparison;
import dev.lakestream.bench.compare.history.HistoryComparison;
import dev.lakestream.bench.compare.kafka.KafkaComparison;
import dev.lakestream.bench.compare.loaders.LoadersComparison;
import dev.lakestream.bench.compare.producers.ProducersComparison;
import dev.lakestream.bench.compare.spark.SparkComparison;
import dev.lakestream.bench.dac.DacBench;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.SealedJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lakestream bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures, beside something that it is compared with, in turn in the same run.",
    footer = {
      "",
      "Benchmarks:",
      "  read-local     Java and Python readers over mapped files, beside a plain CRC32C",
      "  loader         what a training loop in Python waits for, fetches and holds; also on S3",
      "  host-cache     four processes of one host that read the same steps from S3",
      "  history        committing, opening, finding a step with 10^3 to 10^6 steps behind them",
      "  dac            commit policies of 1 to 1,024 producers on one log, in virtual time",
      "  s3-read        ranges from S3, beside a plain loop over the same SDK",
      "  s3-write       bundles to S3, beside a plain multipart upload",
      "",
      "Beside what people use today:",
      "  compare amplification  bytes fetched per byte delivered, and requests, for dp 1 to 512",
      "  compare colocated      a training loop whose DataLoader tokenizes in its workers, beside a stream",
      "  compare history        commits and openings with 10^2 to 10^5 commits behind them, beside",
      "                         Iceberg and Delta tables",
      "  compare kafka          global batches through a broker that keeps the same promise",
      "  compare loaders        the same rows through MosaicML Streaming, LanceDB, Lance, a DataLoader",
      "  compare producers      1 to 8 processes, and 1 to 1,024 simulated producers",
      "  compare spark          rows written and read by Spark, beside Arrow files, Parquet,",
      "                         Iceberg and Delta; memory of a task",
      "'amplification' and 'spark' alone are the same as with 'compare'; 'compare colocated' and",
      "'compare loaders' need lakestream-python/environment compare.",
      "",
      "A ratio is ours ÷ the other side's, the median over runs made in turn. With --json there is a line for"
          + " the machine and the settings, and then one for each case:",
      "  {\"bench\":…, \"case\":…, \"value\":…, \"unit\":…, \"against\":…, \"ratio\":…, \"runs\":[…],",
      "   \"further\":{…}}"
    })
final class BenchCommand implements Callable<Integer> {
  private static final List<Benchmark> BENCHMARKS =
      List.of(
          new ReadLocalBench(),
          new LoaderBench(),
          new HostCacheBench(),
          new AmplificationBench(),
          new HistoryBench(),
          new DacBench(),
          new S3ReadBench(),
          new S3WriteBench(),
          new SparkComparison(),
          new HistoryComparison(),
          new ProducersComparison(),
          new KafkaComparison(),
          new ColocatedComparison(),
          new LoadersComparison());

  @Mixin private Output output = new Output();

  @Parameters(arity = "1..2", paramLabel = "NAME", description = "Which benchmark.")
  private List<String> words = List.of();

  @Option(names = "--runs", defaultValue = "5", description = "Runs of each side. Default: 5.")
  private int runs;

  @Option(
      names = "--scale",
      defaultValue = "1",
      description = "Of the amount of data. Default: 1, as in docs/benchmarks.md.")
  private double scale;

  @Option(names = "--folder", description = "Where its files go. Default: a temporary folder.")
  private Optional<Path> parent = Optional.empty();

  @Option(names = "--plots", description = "Folder that plots are written to, as SVG.")
  private Optional<Path> plots = Optional.empty();

  @Override
  public Integer call() throws Exception {
    String name = String.join(" ", words);
    Benchmark benchmark =
        BENCHMARKS.stream()
            .filter(
                candidate -> candidate.name().equals(name) || candidate.aliases().contains(name))
            .findFirst()
            .orElseThrow(() -> new InvalidRequestException(unknown(name)));
    Path folder =
        parent.isPresent()
            ? Files.createTempDirectory(Files.createDirectories(parent.get()), "lakestream-bench")
            : Files.createTempDirectory("lakestream-bench");
    try {
      Benchmark.Setting setting =
          new Benchmark.Setting(
              folder,
              Path.of(System.getProperty("lakestream.home", ".")),
              runs,
              scale,
              plots,
              what -> output.err().println("bench " + name + ": " + what));
      printSettings(benchmark);
      print(benchmark.run(setting));
    } finally {
      Folders.delete(folder);
    }
    return 0;
  }

  private static String unknown(String name) {
    return "there is no benchmark '"
        + name
        + "'; there are "
        + BENCHMARKS.stream().map(Benchmark::name).collect(Collectors.joining(", "));
  }

  /** Before the figures: what they depend on. */
  private void printSettings(Benchmark benchmark) {
    if (output.isJson()) {
      ObjectNode json = SealedJson.object().put("bench", benchmark.name());
      json.put("runs", runs).put("scale", scale);
      Machine.describe().forEach(json.putObject("machine")::put);
      benchmark.settings().forEach(json.putObject("settings")::put);
      output.line(json);
      return;
    }
    output.out().println("runs " + runs + ", scale " + scale);
    Machine.describe().forEach((what, value) -> output.out().println(what + ": " + value));
    benchmark.settings().forEach((what, value) -> output.out().println(what + ": " + value));
    output.out().println();
    output.out().flush();
  }

  private void print(List<BenchResult> results) {
    if (output.isJson()) {
      results.forEach(result -> output.line(json(result)));
      return;
    }
    TextTable table =
        new TextTable("case", "value", "unit", "spread", "against", "ratio", "further");
    for (BenchResult result : results) {
      table.row(
          result.variant(),
          result.displayValue(),
          result.unit(),
          result.displaySpread(),
          result.against(),
          result.displayRatio(),
          result.displayFurther());
    }
    table.print(output.out());
    output.out().flush();
  }

  private static ObjectNode json(BenchResult result) {
    ObjectNode json = SealedJson.object();
    json.put("bench", result.bench())
        .put("case", result.variant())
        .put("value", result.value())
        .put("unit", result.unit());
    if (result.against().isEmpty()) {
      json.putNull("against").putNull("ratio");
    } else {
      json.put("against", result.against()).put("ratio", result.ratio());
    }
    ArrayNode values = json.putArray("runs");
    result.runs().forEach(values::add);
    ObjectNode further = json.putObject("further");
    result.further().forEach(further::put);
    return json;
  }
}
