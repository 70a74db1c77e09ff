// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import java.util.SplittableRandom;

/**
 * Who lives in a world.
 *
 * @param rows of each producer's source
 * @param maxLead how many steps, or bytes, producers may be ahead of the slowest reader; 0 for any
 *     number
 * @param sweepers who remove entries below the horizon as boldly as the format allows
 * @param rogues foreign clients that put void entries
 * @param turns how often each of those who act now and then does it at most
 */
public record Population(
    int producers,
    int rows,
    int maxLead,
    boolean leadInBytes,
    int readers,
    int folders,
    int operators,
    int sweepers,
    int rogues,
    int vacuums,
    int trainers,
    int forkers,
    int repeaters,
    int turns) {

  /** Of a step, about. */
  private static final int BYTES = 200;

  /** Draws who lives in a world of this size. */
  static Population draw(Size size, boolean crowded, SplittableRandom random) {
    return size == Size.SHORT ? few(crowded, random) : many(size, crowded, random);
  }

  private static Population few(boolean crowded, SplittableRandom random) {
    boolean vacuumed = random.nextInt(5) == 0;
    int forkers = random.nextInt(7) / 6;
    return new Population(
        crowded ? 2 + random.nextInt(2) : 1 + random.nextInt(4) / 3,
        crowded ? 1 + random.nextInt(2) : 1 + random.nextInt(3),
        0,
        false,
        random.nextInt(3) / 2,
        random.nextInt(2),
        random.nextInt(5) / 4,
        vacuumed ? 0 : random.nextInt(3) / 2,
        random.nextInt(7) / 6,
        vacuumed ? 1 : 0,
        vacuumed ? random.nextInt(2) : 0,
        forkers,
        forkers == 0 && random.nextInt(vacuumed ? 3 : 9) == 0 ? 1 + random.nextInt(2) : 0,
        1 + random.nextInt(2));
  }

  private static Population many(Size size, boolean crowded, SplittableRandom random) {
    boolean vacuumed = random.nextInt(2) == 0;
    int readers = random.nextInt(3);
    int turns = size == Size.LONG ? 4 : 2;
    boolean limited = readers > 0 && random.nextInt(2) == 0;
    boolean inBytes = random.nextBoolean();
    int maxLead = (1 + random.nextInt(4)) * (inBytes ? BYTES : 1);
    return new Population(
        crowded ? 5 + random.nextInt(4) : 1 + random.nextInt(3),
        2 + random.nextInt(crowded ? 2 : size == Size.LONG ? 6 : 4),
        limited ? maxLead : 0,
        inBytes,
        readers,
        random.nextInt(size == Size.LONG ? 3 : 2),
        random.nextInt(2),
        vacuumed ? 0 : random.nextInt(2),
        random.nextInt(4) / 3,
        vacuumed ? 1 + (size == Size.LONG ? random.nextInt(5) / 3 : 0) : 0,
        vacuumed ? random.nextInt(size == Size.LONG ? 3 : 2) : 0,
        random.nextInt(4) / 3,
        random.nextInt(vacuumed ? 3 : 6) == 0 ? 1 + random.nextInt(2) : 0,
        turns);
  }
}
