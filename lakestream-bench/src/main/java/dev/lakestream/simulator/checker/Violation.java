// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

/** An invariant does not hold: the protocol, or its code, is wrong. */
public final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int invariant;

  /**
   * Says what is wrong.
   *
   * @param invariant its number in {@code docs/protocol.md}; 0 where processes don't come to an end
   *     or fail in a way that is not documented
   */
  public Violation(int invariant, String what) {
    super(what);
    this.invariant = invariant;
  }

  /** As {@link #Violation(int, String)}, with the failure that shows it. */
  public Violation(int invariant, String what, Throwable cause) {
    super(what, cause);
    this.invariant = invariant;
  }

  public int invariant() {
    return invariant;
  }
}
