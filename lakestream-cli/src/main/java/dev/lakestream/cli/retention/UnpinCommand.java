// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.retention;

import dev.lakestream.cli.Output;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.retention.Pins;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream unpin}. */
@Command(
    name = "unpin",
    mixinStandardHelpOptions = true,
    description = {
      "Releases a checkpoint: its steps go with the next trim, unless another pin needs them.",
      "Exits with 1 if there was nothing to release."
    },
    footer = {
      "",
      "Examples:",
      "  lakestream unpin /data/stream --job run-7 --checkpoint step-12000",
      "  lakestream unpin /data/stream --key pins/run-7/torn.json      one that can't be read"
    })
public final class UnpinCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(names = "--job", description = "Whose checkpoint it is.")
  private Optional<String> job = Optional.empty();

  @Option(names = "--checkpoint", description = "Its name; all pins of that name are released.")
  private Optional<String> checkpoint = Optional.empty();

  @Option(names = "--key", description = "One pin, as 'lakestream pins' shows it.")
  private Optional<String> key = Optional.empty();

  @Override
  public Integer call() throws Exception {
    if (key.isPresent() == (job.isPresent() && checkpoint.isPresent())) {
      throw new InvalidRequestException("say --job and --checkpoint, or --key");
    }
    int released = argument.use(this::release);
    output.print(
        SealedJson.object().put("released", released),
        out -> out.println("released " + released + " pins"));
    return released > 0 ? 0 : 1;
  }

  private int release(LakeStream stream) throws IOException {
    if (key.isEmpty()) {
      return new Pins(stream).releaseAll(job.orElseThrow(), checkpoint.orElseThrow());
    }
    ObjectKey pin = ObjectKey.of(key.get());
    if (!pin.value().startsWith(StreamKeys.PINS + "/")) {
      throw new InvalidRequestException(pin + " is no pin: pins are below " + StreamKeys.PINS);
    }
    if (stream.store().head(pin).isEmpty()) {
      return 0;
    }
    stream.store().delete(pin);
    return 1;
  }
}
