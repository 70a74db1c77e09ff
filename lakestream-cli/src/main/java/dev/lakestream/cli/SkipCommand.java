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
import picocli.CommandLine.Option;

/** {@code lakestream skip}. */
@Command(
    name = "skip",
    mixinStandardHelpOptions = true,
    description = {
      "Leaves out steps, for readers that are told so: steps keep their numbers and their data.",
      "A reader never changes its rules while it runs, so that all ranks agree on every step. Stop all ranks"
          + " and start them again from the same checkpoint with the rules version that this command prints:"
          + " rules=V in Python, withRules(V) in Java. It applies this and all earlier skips."
    })
final class SkipCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(names = "--from", required = true, description = "First step to leave out.")
  private long from;

  @Option(names = "--to", required = true, description = "Step after the last to leave out.")
  private long to;

  @Option(names = "--reason", required = true, description = "Why, for those who ask later.")
  private String reason = "";

  @Override
  public Integer call() throws Exception {
    return argument.use(this::skip);
  }

  private int skip(LakeStream stream) throws IOException, InterruptedException {
    long version = new StreamControl(stream).skip(from, to, reason);
    ObjectNode json =
        SealedJson.object()
            .put("uri", argument.uri())
            .put("rules", version)
            .put("from", from)
            .put("to", to)
            .put("reason", reason);
    output.print(
        json,
        out -> {
          out.println(
              "steps " + from + " to " + (to - 1) + " are left out under rules version " + version);
          out.println(
              "for readers that are started with rules=" + version + " or later, all ranks alike;");
          out.println(
              "readers that run now, and checkpoints that are resumed as they are, read them still");
        });
    return 0;
  }
}
