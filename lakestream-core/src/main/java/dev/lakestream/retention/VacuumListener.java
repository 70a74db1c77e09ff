// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

/** Hears how far a vacuum got. Called on its thread. */
public interface VacuumListener {
  /** For those who don't care. */
  VacuumListener SILENT =
      new VacuumListener() {
        @Override
        public void begin(String what, long units) {}

        @Override
        public void advance(long to) {}
      };

  /**
   * A part begins.
   *
   * @param units how many there are; −1 if nobody knows
   */
  void begin(String what, long units);

  /** So many units of the part are done. */
  void advance(long to);
}
