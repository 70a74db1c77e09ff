// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.SealedJson;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream tail}. */
@Command(
    name = "tail",
    mixinStandardHelpOptions = true,
    description =
        "Shows the last commits, and with --follow those to come, until the stream is sealed.")
final class TailCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(200);

  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Option(
      names = {"-n", "--commits"},
      defaultValue = "10",
      description = "How many. Default: 10.")
  private int commits;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until the stream is sealed or Ctrl-C.")
  private boolean follow;

  @Override
  public Integer call() throws Exception {
    return argument.use(this::show);
  }

  private int show(LakeStream stream) throws IOException, InterruptedException {
    long next = begin(stream);
    next = printFrom(stream, next);
    while (follow && !stream.state().sealed()) {
      stream.environment().pause().forAbout(LOOK);
      stream.refresh();
      next = printFrom(stream, next);
    }
    if (follow && !output.isJson()) {
      output.out().println("the stream is sealed after step " + (next - 1));
    }
    return 0;
  }

  private long begin(LakeStream stream) throws IOException {
    long step = stream.state().nextStep();
    for (int seen = 0; seen < commits && step > stream.firstReadable(); seen++) {
      step = stream.firstStepOf(stream.groupOf(step - 1).version());
    }
    return Math.max(step, stream.firstReadable());
  }

  private long printFrom(LakeStream stream, long from) throws IOException {
    long step = from;
    while (step < stream.state().nextStep()) {
      CommittedGroup first = stream.groupOf(step);
      long end = step;
      long rows = 0;
      long tokens = 0;
      while (end < stream.state().nextStep() && stream.groupOf(end).version() == first.version()) {
        CommittedGroup group = stream.groupOf(end);
        for (; end < group.nextStep(); end++) {
          rows += group.step(end).rows();
          tokens += group.step(end).tokens();
        }
      }
      print(first, step, end, rows, tokens);
      step = end;
    }
    return step;
  }

  private void print(CommittedGroup commit, long from, long to, long rows, long tokens) {
    ObjectNode json = SealedJson.object();
    json.put("version", commit.version())
        .put("committed", StreamJson.time(commit.time()))
        .put("producer", commit.producer().id())
        .put("epoch", commit.producer().epoch())
        .put("sequence", commit.producer().sequence())
        .put("first_step", from)
        .put("steps", to - from)
        .put("rows", rows)
        .put("tokens", tokens);
    output.print(
        json,
        out ->
            out.printf(
                "%s  version %d  steps %d to %d  %d rows  %d tokens  by %s%n",
                StreamJson.time(commit.time()),
                commit.version(),
                from,
                to - 1,
                rows,
                tokens,
                commit.producer()));
  }
}
