// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.retention;

import dev.lakestream.retention.TrimTarget;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Up to where to trim: one of three ways to say it. */
final class TrimOptions {
  @Option(names = "--keep-steps", paramLabel = "N", description = "Keep the last N steps.")
  private Optional<Long> keepSteps = Optional.empty();

  @Option(
      names = "--to-step",
      paramLabel = "STEP",
      description = "Make STEP the first readable one.")
  private Optional<Long> toStep = Optional.empty();

  @Option(
      names = "--older-than",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Keep what was committed within this time: 30s, 15m, 12h, 7d.")
  private Optional<Duration> olderThan = Optional.empty();

  /** Empty if none of them was said. */
  Optional<TrimTarget> target() {
    return keepSteps
        .<TrimTarget>map(TrimTarget.KeepSteps::new)
        .or(() -> toStep.map(TrimTarget.ToStep::new))
        .or(() -> olderThan.map(TrimTarget.OlderThan::new));
  }
}
