// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.cli.Output;
import dev.lakestream.cli.Progress;
import dev.lakestream.cli.StoreOptions;
import dev.lakestream.cli.TextTable;
import dev.lakestream.format.SealedJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Tokenizes a real corpus in Spark, writes it as steps, reads it with four processes while it grows,"
            + " kills half of them, goes on with another number of ranks, and proves that every row was"
            + " delivered exactly once.",
    footer = {"", "Takes about a minute on two cores, and leaves the stream for you to look at."})
public final class DemoCommand implements Callable<Integer> {
  @Mixin private Output output = new Output();
  @Mixin private StoreOptions store = new StoreOptions();

  @Option(
      names = "--root",
      paramLabel = "URI",
      description = "Where the stream goes; it must not exist. Default: target/demo/stream-<time>.")
  private String root = "";

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the shuffle and of the kills. Default: 1.")
  private long seed;

  @Option(
      names = "--step-millis",
      defaultValue = "10",
      description = "How long the ranks compute for each step. Default: 10.")
  private long stepMillis;

  @Override
  public Integer call() throws Exception {
    Path home = DemoCorpus.home();
    Path folder =
        Files.createDirectories(home.resolve("target/demo/" + System.currentTimeMillis()));
    String uri = root.isBlank() ? folder.resolve("stream").toUri().toString() : root;
    DemoSettings settings =
        new DemoSettings(home, DemoCorpus.jars(home), uri, store, folder, seed, stepMillis);
    try (Progress progress = new Progress(output.err())) {
      DemoReport report = new DemoRun(settings, progress).run();
      print(report, uri);
      return report.faults().isEmpty() ? 0 : 1;
    }
  }

  private void print(DemoReport report, String uri) {
    ObjectNode json = SealedJson.object();
    json.put("uri", uri);
    report.figures().forEach(json::put);
    json.put("exactly_once", report.faults().isEmpty());
    report.faults().forEach(json.putArray("faults")::add);
    output.print(
        json,
        out -> {
          TextTable table = new TextTable("what", "figure");
          for (Map.Entry<String, String> figure : report.figures().entrySet()) {
            table.row(figure.getKey().replace('_', ' '), figure.getValue());
          }
          out.println();
          table.print(out);
          out.println();
          if (report.faults().isEmpty()) {
            out.println(
                "Proved: every row was delivered exactly once, whole, in the order of the stream, in each"
                    + " phase.");
          } else {
            out.println("NOT proved:");
            report.faults().stream().limit(20).forEach(fault -> out.println("  " + fault));
          }
          out.println();
          out.println("Look at what there is now:");
          for (String next : List.of("describe", "steps", "tail", "verify")) {
            out.println("  bin/lakestream " + next + " " + uri);
          }
          out.println("  bin/lakestream show " + uri + " 3");
        });
  }
}
