// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import java.time.Duration;

/** Hears that a producer is held back, and for whom. Called on the thread that asks. */
public interface LeadListener {
  /**
   * There is no room, as of now. Called each time that the gate is asked in vain.
   *
   * @param lead over the slowest live reader, which it names
   * @param waited since there was room, or since the gate was asked for the first time
   */
  void isHeldBack(Lead lead, LeadLimit limit, Duration waited);

  /** There is room again. */
  void goesOn(Duration waited);
}
