// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import java.util.SplittableRandom;

/**
 * How long a schedule is. Most bugs need few processes and few steps, so most schedules are short;
 * the others are for those that need many.
 */
public enum Size {
  SHORT,
  MIDDLING,
  LONG;

  /** Of 32 schedules one is long and two are middling. */
  static Size draw(SplittableRandom random) {
    int drawn = random.nextInt(32);
    return drawn == 0 ? LONG : drawn < 3 ? MIDDLING : SHORT;
  }

  /** Scheduling points after which nothing goes wrong any more. */
  int storm(SplittableRandom random) {
    return this == SHORT ? 15 + random.nextInt(45) : 30 + random.nextInt(80);
  }
}
