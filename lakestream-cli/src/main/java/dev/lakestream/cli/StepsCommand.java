// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.StepRecord;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream steps}. */
@Command(
    name = "steps",
    mixinStandardHelpOptions = true,
    description = "Lists steps: rows, tokens, who committed them and when.")
final class StepsCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(names = "--from", description = "First step. Default: the last 20.")
  private Optional<Long> from = Optional.empty();

  @Option(names = "--to", description = "Step after the last. Default: the tail.")
  private Optional<Long> to = Optional.empty();

  private static final int SHOWN = 20;

  @Override
  public Integer call() throws Exception {
    return argument.use(this::list);
  }

  private int list(LakeStream stream) throws IOException {
    long end = Math.min(to.orElse(Long.MAX_VALUE), stream.state().nextStep());
    long begin = Math.max(from.orElse(Math.max(0, end - SHOWN)), stream.firstReadable());
    if (from.isPresent() && from.get() < 0) {
      throw new InvalidRequestException("--from is " + from.get() + ", steps begin with 0");
    }
    TextTable table =
        new TextTable(
            "step", "rows", "tokens", "slots", "version", "committed", "producer", "digest");
    for (long step = begin; step < end; step++) {
      CommittedGroup group = stream.groupOf(step);
      if (output.isJson()) {
        output.line(StreamJson.step(group, step));
      } else {
        StepRecord record = group.step(step);
        table.row(
            step,
            record.rows(),
            record.tokens(),
            group.slots(),
            group.version(),
            StreamJson.time(group.time()),
            group.producer().id(),
            record.digest().hex().substring(0, 12));
      }
    }
    if (!output.isJson()) {
      table.print(output.out());
      output.out().flush();
    }
    return 0;
  }
}
