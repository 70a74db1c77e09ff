// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * All pins of a stream at one moment. Pure.
 *
 * @param pins by key
 * @param broken objects among the pins that nobody can read; each may need everything
 */
public record PinListing(List<Pin> pins, List<BrokenPin> broken) {
  public PinListing {
    pins = List.copyOf(pins);
    broken = List.copyOf(broken);
  }

  /** An object below {@code pins/} that is no readable pin. */
  public record BrokenPin(String object, String problem) {}

  /**
   * The pin that needs the oldest step. A pin of a step that has been trimmed never became valid
   * (every trim minds the valid ones) and counts for nothing: its pinner died before it saw that.
   *
   * @param firstReadable the first readable step, read from the log after the pins were listed
   */
  public Optional<Pin> oldest(long firstReadable) {
    return pins.stream()
        .filter(pin -> pin.from() >= firstReadable)
        .min(Comparator.comparingLong(Pin::from));
  }

  /** The pins that never became valid. */
  public List<Pin> vain(long firstReadable) {
    return pins.stream().filter(pin -> pin.from() < firstReadable).toList();
  }
}
