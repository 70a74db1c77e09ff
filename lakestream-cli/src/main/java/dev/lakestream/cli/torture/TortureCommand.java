// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.cli.Output;
import dev.lakestream.cli.Progress;
import dev.lakestream.cli.StoreOptions;
import dev.lakestream.cli.TextTable;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.SealedJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream torture}. */
@Command(
    name = "torture",
    mixinStandardHelpOptions = true,
    description = {
      "Starts many producer and reader processes and a vacuum on one stream, kills them with SIGKILL, stops and"
          + " doubles them at random, restarts them, and at the end accounts for every row: that each came"
          + " exactly once, whole and in its producer's order, that whatever was acknowledged is there, and that"
          + " nothing is left that nobody needs.",
      "Exits with 1 if anything is wrong."
    })
public final class TortureCommand implements Callable<Integer> {
  /** With more, five attempts at a request fail too often. */
  private static final double MOST_FAULTS = 0.2;

  @Mixin private Output output = new Output();
  @Mixin private StoreOptions store = new StoreOptions();

  @Option(
      names = "--minutes",
      defaultValue = "1",
      description = "How long; may be a fraction. Default: 1.")
  private double minutes;

  @Option(names = "--producers", defaultValue = "8", description = "Producers. Default: 8.")
  private int producers;

  @Option(
      names = "--readers",
      defaultValue = "4",
      description = "Readers, each a rank: 1, 2, 4 or 8. Default: 4.")
  private int readers;

  @Option(
      names = "--python-readers",
      defaultValue = "1",
      description = "How many of the readers are in Python. Default: 1.")
  private int pythonReaders;

  @Option(
      names = "--pause",
      paramLabel = "SECONDS",
      defaultValue = "0.5",
      description =
          "Between two harms, on average; longer where processes take longer to get going, as on S3. Default:"
              + " 0.5.")
  private double pause;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of what happens to whom. Default: 1.")
  private long seed;

  @Option(
      names = "--root",
      paramLabel = "URI",
      description = "Where the stream goes; it must not exist. Default: in the folder.")
  private Optional<String> root = Optional.empty();

  @Option(
      names = "--wire-faults",
      paramLabel = "SHARE",
      defaultValue = "0",
      description =
          "Sends all requests to an S3 server through a proxy that lets such a share of them meet a fault: lost"
              + " answers, resets, half bodies, wrong lengths, errors, delays, stalls. Default: 0, no proxy.")
  private double wireFaults;

  @Option(
      names = "--folder",
      description =
          "Where the journals of all processes go. Default: target/torture/<time> of the clone.")
  private Optional<Path> parent = Optional.empty();

  @Override
  public Integer call() throws Exception {
    check();
    if (wireFaults == 0) {
      return run(store, Optional.empty());
    }
    try (FaultyWire wire = FaultyWire.before(store, wireFaults, seed)) {
      return run(wire.store(), Optional.of(wire));
    }
  }

  private int run(StoreOptions reaching, Optional<FaultyWire> wire) throws Exception {
    Path home = Path.of(System.getProperty("lakestream.home", "."));
    Path folder = parent.orElse(home.resolve("target/torture/" + System.currentTimeMillis()));
    Files.createDirectories(folder);
    String uri = root.orElse(folder.resolve("stream").toUri().toString());
    TortureSettings settings =
        new TortureSettings(
            home,
            uri,
            reaching,
            folder,
            Duration.ofMillis(Math.round(minutes * 60_000)),
            Duration.ofMillis(Math.round(pause * 1_000)),
            producers,
            readers,
            pythonReaders,
            seed);
    try (Progress progress = new Progress(output.err())) {
      TortureReport report = new TortureRun(settings, wire, progress).run();
      print(report, settings);
      return report.faults().isEmpty() ? 0 : 1;
    }
  }

  private void check() {
    if (!(minutes > 0 && minutes <= 100_000)) {
      throw new InvalidRequestException("--minutes is " + minutes + ", it must be above 0");
    }
    if (!(pause >= 0.01 && pause <= 3_600)) {
      throw new InvalidRequestException("--pause is " + pause + ", it must be 0.01 to 3600");
    }
    if (!(wireFaults >= 0 && wireFaults <= MOST_FAULTS)) {
      throw new InvalidRequestException(
          "--wire-faults is " + wireFaults + ", it must be 0 to " + MOST_FAULTS);
    }
    if (producers < 1) {
      throw new InvalidRequestException("--producers is " + producers + ", it must be at least 1");
    }
    if (readers < 1 || SourceRows.SLOTS % readers != 0) {
      throw new InvalidRequestException(
          "--readers is "
              + readers
              + ", it must divide the "
              + SourceRows.SLOTS
              + " slots of a step");
    }
    if (pythonReaders < 0 || pythonReaders > readers) {
      throw new InvalidRequestException(
          "--python-readers is " + pythonReaders + ", it must be 0 to " + readers);
    }
  }

  private void print(TortureReport report, TortureSettings settings) {
    ObjectNode json = SealedJson.object();
    json.put("uri", settings.uri()).put("seed", seed).put("minutes", minutes);
    report.figures().forEach(json::put);
    json.put("accounted_for", report.faults().isEmpty());
    report.faults().forEach(json.putArray("faults")::add);
    output.print(
        json,
        out -> {
          TextTable table = new TextTable("what", "figure");
          report
              .figures()
              .forEach((what, figure) -> table.row(what.replace('_', ' '), figure.toString()));
          table.print(out);
          out.println();
          if (report.faults().isEmpty()) {
            out.println("Every row is accounted for.");
          } else {
            out.println("FAULTS; journals and what the processes said are in " + settings.folder());
            report.faults().forEach(fault -> out.println("  " + fault));
          }
        });
  }
}
