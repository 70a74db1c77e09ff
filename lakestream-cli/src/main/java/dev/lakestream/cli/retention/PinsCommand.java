// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.retention;

import dev.lakestream.cli.Output;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.cli.TextTable;
import dev.lakestream.retention.Pin;
import dev.lakestream.retention.PinListing;
import dev.lakestream.retention.Pins;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lakestream pins}. */
@Command(
    name = "pins",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the pins: checkpoints whose steps are kept until they are released.",
      "Exits with 1 if a pin can't be read: nothing is trimmed then."
    })
public final class PinsCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    PinListing listing = argument.use(stream -> new Pins(stream).list());
    if (output.isJson()) {
      listing.pins().forEach(pin -> output.line(RetentionJson.pin(pin)));
      listing.broken().forEach(pin -> output.line(RetentionJson.broken(pin)));
    } else {
      TextTable table = new TextTable("job", "checkpoint", "from", "to", "created", "key");
      for (Pin pin : listing.pins()) {
        table.row(
            pin.job(),
            pin.checkpoint(),
            pin.from(),
            pin.to().map(String::valueOf).orElse("…"),
            Instant.ofEpochMilli(pin.created()),
            pin.key());
      }
      table.print(output.out());
      listing.broken().forEach(pin -> output.out().println("BROKEN: " + pin.problem()));
      output.out().flush();
    }
    return listing.broken().isEmpty() ? 0 : 1;
  }
}
