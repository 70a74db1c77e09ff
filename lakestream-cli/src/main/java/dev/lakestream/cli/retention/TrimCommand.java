// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.retention;

import dev.lakestream.cli.Output;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.retention.StoreClock;
import dev.lakestream.retention.TrimResult;
import dev.lakestream.retention.TrimTarget;
import dev.lakestream.retention.Trimming;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream trim}. */
@Command(
    name = "trim",
    mixinStandardHelpOptions = true,
    description = {
      "Makes old steps unreadable, as far as pins allow. Their data goes with 'lakestream vacuum'.",
      "Exits with 1 if nothing could be trimmed because of a pin, or somebody cancelled it."
    })
public final class TrimCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @ArgGroup(exclusive = true, multiplicity = "0..1")
  private TrimOptions trim = new TrimOptions();

  @Option(names = "--dry-run", description = "Only say what would happen.")
  private boolean dryRun;

  @Override
  public Integer call() throws Exception {
    TrimResult result = argument.use(this::trim);
    output.print(
        RetentionJson.trim(result), out -> out.println(RetentionText.trim(result, dryRun)));
    return switch (result.outcome()) {
      case TRIMMED, NOTHING_TO_DO -> 0;
      case HELD, CANCELLED, BROKEN_PINS -> 1;
    };
  }

  private TrimResult trim(LakeStream stream) throws IOException, InterruptedException {
    TrimTarget target =
        trim.target()
            .orElseThrow(
                () -> new InvalidRequestException("say --keep-steps, --to-step or --older-than"));
    long wanted = target.step(stream, new StoreClock(stream).now());
    Trimming trimming = new Trimming(stream);
    return dryRun ? trimming.plan(wanted) : trimming.to(wanted);
  }
}
