// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.repeat;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** In which order steps are repeated. */
public enum RepeatOrder {
  /** As they are. */
  AS_WRITTEN,
  /** Whole steps are permuted; what the log says of each goes with it. */
  STEPS,
  /**
   * The slots of all steps are permuted; each new step has as many slots as the one in its place.
   */
  SLOTS;

  /** The order that is called so, with a hyphen or an underscore. */
  public static Optional<RepeatOrder> of(String name) {
    return Arrays.stream(values())
        .filter(order -> order.label().equals(name.replace('-', '_')))
        .findFirst();
  }

  /** The name in keys and options. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
