// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.retention;

import dev.lakestream.cli.Output;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.Action;
import dev.lakestream.log.ProducerState;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lakestream retire}. */
@Command(
    name = "retire",
    mixinStandardHelpOptions = true,
    description =
        "Fences a producer: what its session still sends is void, and what it uploaded without"
            + " committing it goes with the next vacuum. It may open again, with the next epoch.")
public final class RetireCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Parameters(index = "1", paramLabel = "PRODUCER", description = "Its id.")
  private String producer = "";

  @Override
  public Integer call() throws Exception {
    return argument.use(this::retire);
  }

  private int retire(LakeStream stream) throws IOException, InterruptedException {
    ProducerState known =
        stream
            .producer(producer)
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        "the stream has no producer '"
                            + producer
                            + "'; 'lakestream describe' lists them"));
    long version = new StreamControl(stream).commit(new Action.Retire(producer, known.epoch()));
    output.print(
        SealedJson.object()
            .put("producer", producer)
            .put("epoch", known.epoch())
            .put("version", version),
        out ->
            out.println(
                "retired " + producer + " at epoch " + known.epoch() + " with version " + version));
    return 0;
  }
}
