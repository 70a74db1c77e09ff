// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.explain;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.reader.Topology;
import dev.lakestream.reader.Topology.Split;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which rank a command is about, if any. */
final class RankOptions {
  @Option(names = "--rank", paramLabel = "R", description = "What this data-parallel rank got.")
  private Optional<Integer> rank = Optional.empty();

  @Option(
      names = "--dp",
      paramLabel = "N",
      description = "Of so many data-parallel ranks. Must divide the slots of the step.")
  private Optional<Integer> size = Optional.empty();

  @Option(
      names = "--cp-rank",
      paramLabel = "R",
      description = "And this context-parallel rank of it.")
  private Optional<Integer> cpRank = Optional.empty();

  @Option(names = "--cp", paramLabel = "N", description = "Of so many context-parallel ranks.")
  private Optional<Integer> cpSize = Optional.empty();

  @Option(
      names = "--split",
      defaultValue = "contiguous",
      description = "How sequences are divided: contiguous or zigzag. Default: contiguous.")
  private String split = "contiguous";

  /**
   * The rank that is asked for; empty for all of the step.
   *
   * @throws InvalidRequestException for a rank without a size or outside of it
   */
  Optional<Topology> topology() {
    requireBoth("--rank", rank, "--dp", size);
    requireBoth("--cp-rank", cpRank, "--cp", cpSize);
    Split parsed = parsedSplit();
    if (rank.isEmpty() && cpRank.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Topology.of(rank.orElse(0), size.orElse(1))
            .withContextParallel(cpRank.orElse(0), cpSize.orElse(1), parsed));
  }

  private static void requireBoth(
      String rankName, Optional<Integer> rank, String sizeName, Optional<Integer> size) {
    if (rank.isPresent() != size.isPresent()) {
      throw new InvalidRequestException(
          (rank.isPresent() ? rankName : sizeName)
              + " needs "
              + (rank.isPresent() ? sizeName : rankName)
              + ": a rank is one of so many");
    }
  }

  /** What a split is called in options and JSON. */
  static String label(Split split) {
    return split.name().toLowerCase(Locale.ROOT);
  }

  private Split parsedSplit() {
    for (Split known : Split.values()) {
      if (label(known).equals(split)) {
        return known;
      }
    }
    throw new InvalidRequestException(
        "--split is '" + split + "', it must be contiguous or zigzag");
  }
}
