// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.InvalidRequestException;
import java.time.Duration;
import java.util.Optional;

/**
 * What a vacuum is to do.
 *
 * @param trim up to where to trim first, as far as pins allow; empty to trim nothing
 * @param grace how old a horizon must be before what is below it goes; the same for all who vacuum
 *     and all who write a stream ({@code docs/format.md} §8)
 * @param lostAfter a producer without a sign of life for so long is fenced if that frees something
 * @param uploadsAfter an unfinished upload that stood still for so long is aborted; what was staged
 *     and became no step, and what a look at the store left behind, goes after the same time
 * @param dryRun only say what would go
 */
public record VacuumOptions(
    Optional<TrimTarget> trim,
    Duration grace,
    Duration lostAfter,
    Duration uploadsAfter,
    boolean dryRun) {
  public static final Duration GRACE = Duration.ofMinutes(15);
  public static final Duration LOST_AFTER = Duration.ofDays(1);
  public static final Duration UPLOADS_AFTER = Duration.ofDays(1);

  public VacuumOptions {
    if (grace.isNegative() || lostAfter.isNegative() || uploadsAfter.isNegative()) {
      throw new InvalidRequestException("a time to wait for can't be negative");
    }
  }

  /** Trims nothing, deletes what nobody needs. */
  public static VacuumOptions defaults() {
    return new VacuumOptions(Optional.empty(), GRACE, LOST_AFTER, UPLOADS_AFTER, false);
  }

  /** These options, and a trim first. */
  public VacuumOptions trimming(TrimTarget target) {
    return new VacuumOptions(Optional.of(target), grace, lostAfter, uploadsAfter, dryRun);
  }

  /** These options without doing anything. */
  public VacuumOptions planOnly() {
    return new VacuumOptions(trim, grace, lostAfter, uploadsAfter, true);
  }
}
