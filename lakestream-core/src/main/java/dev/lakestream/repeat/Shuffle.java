// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.repeat;

import java.util.Random;

/** The permutation of a seed: Fisher–Yates from the end, with {@link Random}. Pure. */
public final class Shuffle {
  private Shuffle() {}

  /** Permutes in place. */
  public static void shuffle(long[] values, long seed) {
    Random random = new Random(seed);
    for (int i = values.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      long value = values[i];
      values[i] = values[other];
      values[other] = value;
    }
  }
}
