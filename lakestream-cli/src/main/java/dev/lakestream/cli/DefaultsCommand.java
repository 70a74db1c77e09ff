// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.Action;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream defaults}. */
@Command(
    name = "defaults",
    mixinStandardHelpOptions = true,
    description = {
      "Changes how writers cut new steps: into how many slots, and into how many pieces of each.",
      "Steps that are there stay as they are. A job that began to write before goes on with the old ones. The dp"
          + " size of a training run must divide the slots of every step that it reads."
    })
final class DefaultsCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(names = "--slots", description = "Row partitions of a step. Default: as it is.")
  private Optional<Integer> slots = Optional.empty();

  @Option(
      names = "--pieces",
      description = "Parts of a slot along the sequence. Default: as it is.")
  private Optional<Integer> pieces = Optional.empty();

  @Override
  public Integer call() throws Exception {
    return argument.use(this::change);
  }

  private int change(LakeStream stream) throws IOException, InterruptedException {
    if (slots.isEmpty() && pieces.isEmpty()) {
      throw new InvalidRequestException("--slots or --pieces is wanted");
    }
    Action.Defaults former = stream.state().defaults();
    Action.Defaults changed =
        new Action.Defaults(slots.orElse(former.slots()), pieces.orElse(former.pieces()));
    check(changed);
    long version = new StreamControl(stream).commit(changed);
    ObjectNode json =
        SealedJson.object()
            .put("uri", argument.uri())
            .put("version", version)
            .put("slots", changed.slots())
            .put("pieces", changed.pieces());
    output.print(
        json,
        out ->
            out.println(
                "writers that begin now cut a step into "
                    + changed.slots()
                    + " slots of "
                    + changed.pieces()
                    + " pieces (until now "
                    + former.slots()
                    + " of "
                    + former.pieces()
                    + ")"));
    return 0;
  }

  private static void check(Action.Defaults changed) {
    boolean allowed =
        changed.slots() >= 1
            && changed.slots() <= Limits.SLOTS
            && changed.pieces() >= 1
            && changed.pieces() <= Limits.PIECES
            && (long) changed.slots() * changed.pieces() <= Limits.RUNS;
    if (!allowed) {
      throw new InvalidRequestException(
          "slots must be 1 to "
              + Limits.SLOTS
              + " and pieces 1 to "
              + Limits.PIECES
              + ", at most "
              + Limits.RUNS
              + " together; they would be "
              + changed.slots()
              + " and "
              + changed.pieces());
    }
  }
}
