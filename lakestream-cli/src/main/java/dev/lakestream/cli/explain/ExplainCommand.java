// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.cli.Output;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.reader.Topology;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Tells what was in a step: who wrote it and where that producer stood in its own source before and after, its"
          + " sources, tokens, slots and digests, where its bytes are, which cursor leads to it, under which rules it"
          + " is skipped, its first rows.",
      "With --rank and --dp: what that rank got, its slots, its bytes and its rows. What the entry of the commit"
          + " alone says (its id, the states) is gone once a vacuum has removed the entry."
    },
    footer = {
      "",
      "Examples:",
      "  lakestream explain /data/stream --step 41207",
      "  lakestream explain /data/stream --step 41207 --rank 3 --dp 64 --rows 10",
      "  lakestream explain /data/stream --step 41207 --rank 3 --dp 8 --cp-rank 0 --cp 2 --split zigzag --json"
    })
public final class ExplainCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();

  @Option(names = "--step", required = true, description = "Which step.")
  private long step;

  @Mixin private RankOptions rank = new RankOptions();

  @Option(
      names = "--rules",
      defaultValue = "-1",
      paramLabel = "V",
      description = "Rules version of the cursor, -1 for none. Default: -1.")
  private long rules;

  @Option(names = "--rows", defaultValue = "3", description = "How many rows. Default: 3.")
  private int rows;

  @Option(
      names = "--width",
      defaultValue = "100",
      description = "Characters of a value that the text shows. Default: 100.")
  private int width;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    Optional<Topology> topology = rank.topology();
    requireSense();
    ObjectNode json = argument.use(stream -> explain(stream, topology));
    output.print(json, out -> StepText.print(json, width, out));
    return 0;
  }

  private void requireSense() {
    if (step < 0) {
      throw new InvalidRequestException("--step is " + step + ", steps begin with 0");
    }
    if (rows < 0 || width < 1) {
      throw new InvalidRequestException("--rows must be at least 0 and --width at least 1");
    }
  }

  private ObjectNode explain(LakeStream stream, Optional<Topology> topology)
      throws IOException, InterruptedException {
    long version = stream.state().version();
    if (rules < -1 || rules > version) {
      throw new InvalidRequestException(
          "--rules is " + rules + ", it must be -1 to " + version + ", the stream's version");
    }
    return new StepExplanation(step, rules, topology, rows).of(stream);
  }
}
