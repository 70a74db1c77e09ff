// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.retention;

import dev.lakestream.cli.Output;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.cli.TextTable;
import dev.lakestream.format.SealedJson;
import dev.lakestream.retention.Heartbeat;
import dev.lakestream.retention.Heartbeats;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream progress}. */
@Command(
    name = "progress",
    mixinStandardHelpOptions = true,
    description =
        "Lists how far reading jobs got, how long ago they said so by the store's clock, and how"
            + " many steps the tail is ahead of them.")
public final class ProgressCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(
      names = "--expiry",
      paramLabel = "TIME",
      defaultValue = "10m",
      converter = DurationConverter.class,
      description = "After this time without a heartbeat a job counts as dead. Default: 10m.")
  private Duration expiry = Heartbeat.EXPIRES_AFTER;

  @Override
  public Integer call() throws Exception {
    return argument.use(this::list);
  }

  private int list(LakeStream stream) throws IOException {
    TextTable table = new TextTable("job", "next step", "behind", "seconds ago", "live");
    for (Heartbeat heartbeat : new Heartbeats(stream).list()) {
      long behind = Math.max(0, stream.state().nextStep() - heartbeat.nextStep());
      boolean live = heartbeat.isLive(expiry);
      if (output.isJson()) {
        output.line(
            SealedJson.object()
                .put("job", heartbeat.job())
                .put("next_step", heartbeat.nextStep())
                .put("behind", behind)
                .put("age_seconds", heartbeat.age().toSeconds())
                .put("live", live));
      } else {
        table.row(
            heartbeat.job(),
            heartbeat.nextStep(),
            behind,
            heartbeat.age().toSeconds(),
            live ? "yes" : "no");
      }
    }
    if (!output.isJson()) {
      table.print(output.out());
      output.out().flush();
    }
    return 0;
  }
}
