// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.SealedJson;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lakestream seal}. */
@Command(
    name = "seal",
    mixinStandardHelpOptions = true,
    description = {
      "Ends the stream, for ever: no step follows. Readers stop cleanly after the last one instead of waiting.",
      "What a producer commits later is refused; its rows are not lost, they are just not in this stream."
    })
final class SealCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    return argument.use(this::seal);
  }

  private int seal(LakeStream stream) throws IOException, InterruptedException {
    long version = new StreamControl(stream).seal();
    long steps = stream.state().nextStep();
    ObjectNode json =
        SealedJson.object().put("uri", argument.uri()).put("version", version).put("steps", steps);
    output.print(
        json, out -> out.println("sealed after " + steps + " steps: all readers end there"));
    return 0;
  }
}
