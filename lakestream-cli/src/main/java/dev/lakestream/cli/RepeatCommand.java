// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.arrow.repeat.Repetition;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.repeat.RepeatOrder;
import dev.lakestream.repeat.RepeatRequest;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream repeat}. */
@Command(
    name = "repeat",
    mixinStandardHelpOptions = true,
    description = {
      "Commits steps once more, another epoch, without a copy of data: new steps at the tail of the cells that the"
          + " steps [--from, --to) have.",
      "The same request is carried out once, however often it is given and whatever crashes; --key makes another"
          + " one of it. Steps that were skipped are repeated too, unless --without-skipped says otherwise."
    },
    footer = {
      "",
      "Example:",
      "  lakestream repeat /data/stream --from 0 --to 12000 --order steps --seed 2"
    })
final class RepeatCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(names = "--from", required = true, description = "First step.")
  private long from;

  @Option(names = "--to", required = true, description = "Step after the last.")
  private long to;

  @Option(
      names = "--order",
      defaultValue = "steps",
      description =
          "steps: whole steps are permuted; slots: the micro-batches of all steps are; as-written. Default:"
              + " steps.")
  private String order = "steps";

  @Option(names = "--seed", defaultValue = "0", description = "Of the permutation. Default: 0.")
  private long seed;

  @Option(
      names = "--without-skipped",
      paramLabel = "RULES",
      description = "Leave out what is skipped under this rules version.")
  private Optional<Long> withoutSkipped = Optional.empty();

  @Option(
      names = "--producer",
      defaultValue = "repeat",
      description = "In whose name. A running producer of this name is fenced. Default: repeat.")
  private String producer = "repeat";

  @Option(names = "--key", description = "Idempotence key. Default: made of the request.")
  private Optional<String> key = Optional.empty();

  @Override
  public Integer call() throws Exception {
    return argument.use(this::repeat);
  }

  private int repeat(LakeStream stream) throws IOException, InterruptedException {
    RepeatRequest request = new RepeatRequest(from, to, parsedOrder(), seed, withoutSkipped);
    String chosen = key.orElse(request.key());
    try (BufferAllocator allocator = new RootAllocator()) {
      print(request, chosen, Repetition.commit(stream, request, chosen, producer, allocator));
    }
    return 0;
  }

  private RepeatOrder parsedOrder() {
    return RepeatOrder.of(order)
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "--order is '" + order + "', it must be steps, slots or as-written"));
  }

  private void print(RepeatRequest request, String chosen, Optional<CommitReceipt> receipt) {
    ObjectNode json =
        SealedJson.object()
            .put("uri", argument.uri())
            .put("key", chosen)
            .put("committed", receipt.isPresent());
    receipt.ifPresent(
        made ->
            json.put("version", made.version())
                .put("first_step", made.firstStep())
                .put("steps", made.steps()));
    output.print(
        json,
        out ->
            out.println(
                receipt
                    .map(
                        made ->
                            "steps "
                                + made.firstStep()
                                + " to "
                                + (made.firstStep() + made.steps() - 1)
                                + " repeat those of ["
                                + request.from()
                                + ", "
                                + request.to()
                                + ")")
                    .orElse("nothing to do: '" + chosen + "' was committed before")));
  }
}
