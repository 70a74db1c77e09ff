// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.retention;

import dev.lakestream.cli.Output;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.retention.OpenIntents;
import dev.lakestream.retention.Pin;
import dev.lakestream.retention.Pins;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream pin}. */
@Command(
    name = "pin",
    mixinStandardHelpOptions = true,
    description = "Keeps the steps that a checkpoint needs, until 'lakestream unpin'.",
    footer = {
      "",
      "Example:",
      "  lakestream pin /data/stream --job run-7 --checkpoint step-12000 --from 12000"
    })
public final class PinCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(names = "--job", required = true, description = "Whose checkpoint it is.")
  private String job = "";

  @Option(names = "--checkpoint", required = true, description = "Its name.")
  private String checkpoint = "";

  @Option(names = "--from", required = true, description = "The first step that it needs.")
  private long from;

  @Option(names = "--to", description = "The step after the last one. Default: all to come.")
  private Optional<Long> to = Optional.empty();

  @Option(
      names = "--respect-intents",
      description = "Fail if a trim above --from is announced, instead of cancelling it.")
  private boolean respectIntents;

  @Override
  public Integer call() throws Exception {
    Pin pin =
        argument.use(
            stream ->
                new Pins(stream)
                    .pin(
                        job,
                        checkpoint,
                        from,
                        to,
                        respectIntents ? OpenIntents.RESPECT : OpenIntents.CANCEL));
    output.print(RetentionJson.pin(pin), out -> out.println("pinned as " + pin.key()));
    return 0;
  }
}
