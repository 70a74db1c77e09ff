// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.fork.Forks;
import dev.lakestream.format.SealedJson;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream fork}. */
@Command(
    name = "fork",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a stream of its own that begins with the steps of this one before --step, without a copy of data.",
      "Its URI is URI/forks/NAME. Readers resume there with checkpoints from before the step; producers begin anew"
          + " there. The stream goes on as if nothing had happened, but keeps those steps until the fork is"
          + " deleted ('lakestream forks URI --delete NAME')."
    },
    footer = {"", "Example:", "  lakestream fork /data/stream --name lr-3e-4 --step 12000"})
final class ForkCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(
      names = "--name",
      required = true,
      description = "Of the fork. A name is used once, also if its fork is deleted.")
  private String name = "";

  @Option(names = "--step", description = "The first step of its own. Default: the tail.")
  private Optional<Long> step = Optional.empty();

  @Override
  public Integer call() throws Exception {
    return argument.use(this::fork);
  }

  private int fork(LakeStream stream) throws IOException, InterruptedException {
    LakeStream fork = new Forks(stream).create(name, step.orElse(stream.state().nextStep()));
    String uri = argument.uri().replaceFirst("/+$", "") + "/forks/" + name;
    ObjectNode json = SealedJson.object().put("uri", uri).put("id", fork.id().toString());
    StreamJson.fork(fork.document().fork().orElseThrow(), json.putObject("fork"));
    output.print(
        json,
        out -> {
          out.println("forked at step " + fork.state().firstOwn() + ": " + uri);
          out.println(
              "checkpoints up to step "
                  + fork.state().firstOwn()
                  + " and rules version "
                  + fork.document().fork().orElseThrow().version()
                  + " go on there");
        });
    return 0;
  }
}
