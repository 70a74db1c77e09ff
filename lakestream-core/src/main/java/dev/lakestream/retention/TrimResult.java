// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import java.util.List;
import java.util.Optional;

/**
 * What became of a wish to trim.
 *
 * @param wanted the step that was to become the first readable one
 * @param reached the step that is, or after a plan would be, the first readable one
 * @param heldBy the pin because of which it did not get as far as was wanted
 * @param broken objects among the pins that nobody can read; with one of them nothing is trimmed
 */
public record TrimResult(
    Outcome outcome,
    long wanted,
    long reached,
    Optional<Pin> heldBy,
    List<PinListing.BrokenPin> broken) {
  public TrimResult {
    broken = List.copyOf(broken);
  }

  /** How it ended. */
  public enum Outcome {
    /** Steps were trimmed, or would be; perhaps fewer than wanted, see the pin. */
    TRIMMED,
    /** They had been trimmed already. */
    NOTHING_TO_DO,
    /** A pin needs the first readable step. */
    HELD,
    /** Somebody cancelled or replaced the intent, a pinner say. Try again later. */
    CANCELLED,
    /** A pin can't be read, so it may need everything. */
    BROKEN_PINS
  }
}
