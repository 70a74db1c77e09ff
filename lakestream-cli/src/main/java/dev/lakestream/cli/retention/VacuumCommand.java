// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.retention;

import dev.lakestream.cli.Output;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.retention.Vacuum;
import dev.lakestream.retention.VacuumOptions;
import dev.lakestream.retention.VacuumReport;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream vacuum}. */
@Command(
    name = "vacuum",
    mixinStandardHelpOptions = true,
    description = {
      "Deletes what nobody needs any more: data that no readable step, attachment or pin reaches and"
          + " whose producer's session is fenced, log entries below the horizon, old snapshots,"
          + " abandoned uploads. With a trim option it trims first, as far as pins allow.",
      "May be killed and run again at any time, and by several at once. Run it now and then: the"
          + " horizon that one moves is what a later one deletes by.",
      "Exits with 1 if a pin or a snapshot is broken, or the trim was held or cancelled."
    },
    footer = {
      "",
      "Examples:",
      "  lakestream vacuum /data/stream --dry-run",
      "  lakestream vacuum /data/stream --older-than 30d"
    })
public final class VacuumCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @ArgGroup(exclusive = true, multiplicity = "0..1")
  private TrimOptions trim = new TrimOptions();

  @Option(names = "--dry-run", description = "Only say what would go, and why the rest stays.")
  private boolean dryRun;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "15m",
      converter = DurationConverter.class,
      description =
          "How long a horizon stands before what is below it goes; not less than the writers'."
              + " Default: 15m.")
  private Duration grace = VacuumOptions.GRACE;

  @Option(
      names = "--lost-after",
      paramLabel = "TIME",
      defaultValue = "1d",
      converter = DurationConverter.class,
      description =
          "Fence a producer without a sign of life for so long, if that frees something. Default:"
              + " 1d.")
  private Duration lostAfter = VacuumOptions.LOST_AFTER;

  @Option(
      names = "--uploads-after",
      paramLabel = "TIME",
      defaultValue = "1d",
      converter = DurationConverter.class,
      description = "Abort an unfinished upload that stood still for so long. Default: 1d.")
  private Duration uploadsAfter = VacuumOptions.UPLOADS_AFTER;

  @Override
  public Integer call() throws Exception {
    VacuumOptions options =
        new VacuumOptions(trim.target(), grace, lostAfter, uploadsAfter, dryRun);
    try (VacuumBars bars = new VacuumBars(output.err())) {
      VacuumReport report = argument.use(stream -> new Vacuum(stream, options, bars).run());
      bars.close();
      output.print(RetentionJson.vacuum(report), out -> RetentionText.vacuum(report, out));
      return isClean(report) ? 0 : 1;
    }
  }

  private static boolean isClean(VacuumReport report) {
    boolean trimmed =
        report
            .trim()
            .map(
                result ->
                    switch (result.outcome()) {
                      case TRIMMED, NOTHING_TO_DO -> true;
                      case HELD, CANCELLED, BROKEN_PINS -> false;
                    })
            .orElse(true);
    return trimmed && report.pins().broken().isEmpty() && report.history().brokenRoots().isEmpty();
  }
}
