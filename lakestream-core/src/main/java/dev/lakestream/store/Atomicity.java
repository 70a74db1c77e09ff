// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

/**
 * What is known of {@link ObjectStore#putIfAbsent} of a store before it is tried.
 *
 * @param why for a store that is broken: the reason
 */
public record Atomicity(Kind kind, String why) {
  /** How sure we are that one of several racing puts wins. */
  public enum Kind {
    /** By construction, or by the word of whoever runs it. */
    CERTAIN,
    /** Only a race tells. */
    UNPROVEN,
    /** Known to let several win. */
    BROKEN
  }

  public static Atomicity certain() {
    return new Atomicity(Kind.CERTAIN, "");
  }

  public static Atomicity unproven() {
    return new Atomicity(Kind.UNPROVEN, "");
  }

  public static Atomicity broken(String why) {
    return new Atomicity(Kind.BROKEN, why);
  }
}
