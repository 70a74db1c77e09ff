// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.cli.Output;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lakestream diff}. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Compares two ranges of steps, of one stream or of two: the i-th step of one with the i-th of the other.",
      "A..B are the steps from A up to and without B, as --from and --to are elsewhere; without A from the first"
          + " readable step, without B to the tail. Steps are the same if their digests are: same rows, same"
          + " slots, same bytes, whoever wrote them."
    },
    footer = {
      "",
      "Examples:",
      "  lakestream diff /data/stream 0..1000 41000..42000",
      "  lakestream diff /data/stream 12000.. /data/stream/forks/lr-3e-4 12000..",
    })
public final class DiffCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();

  @Parameters(
      index = "1..*",
      arity = "2..3",
      paramLabel = "A..B [URI] C..D",
      description = "A range, the URI of another stream if it is of another, and the other range.")
  private List<String> ranges = new ArrayList<>();

  @Option(
      names = "--limit",
      defaultValue = "20",
      description = "How many steps that differ are told one by one. Default: 20.")
  private int limit;

  @Option(names = "--exit-code", description = "Exit with 1 if they differ, for scripts.")
  private boolean exitCode;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    if (ranges.size() != 2 && ranges.size() != 3) {
      throw new InvalidRequestException("give URI A..B C..D, or URI A..B URI C..D");
    }
    if (limit < 0) {
      throw new InvalidRequestException("--limit is " + limit + ", it must be at least 0");
    }
    StepRange left = StepRange.parse(ranges.get(0));
    StepRange right = StepRange.parse(ranges.get(ranges.size() - 1));
    ObjectNode json =
        argument.use(
            stream ->
                ranges.size() == 2
                    ? diff(stream, left, argument.uri(), stream, right)
                    : argument.use(
                        ranges.get(1), other -> diff(stream, left, ranges.get(1), other, right)));
    output.print(json, out -> DiffText.print(json, out));
    return exitCode && !isIdentical(json) ? 1 : 0;
  }

  private static boolean isIdentical(JsonNode json) {
    return json.get("identical").booleanValue();
  }

  private ObjectNode diff(
      LakeStream stream, StepRange left, String otherUri, LakeStream other, StepRange right)
      throws IOException {
    return new RangeDiff(
            new RangeDiff.Side(argument.uri(), stream, left.of(stream)),
            new RangeDiff.Side(otherUri, other, right.of(other)),
            limit)
        .find();
  }
}
