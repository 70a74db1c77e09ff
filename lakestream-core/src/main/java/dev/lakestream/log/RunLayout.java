// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Where the runs of a bundle start; run r = piece × slots + slot. Invariant: positions are
 * multiples of 64 and increase.
 */
public sealed interface RunLayout extends Serializable {
  /** Number of runs. */
  int runs();

  /** Where run r starts; for r = {@link #runs()}, where the last one ends. */
  long start(int run);

  /** The shortest form of these positions, n + 1 of them for n runs. */
  static RunLayout of(long[] starts) {
    int runs = starts.length - 1;
    long stride = starts[1] - starts[0];
    for (int run = 1; run < runs; run++) {
      if (starts[run + 1] - starts[run] != stride) {
        return new Listed(starts);
      }
    }
    return new Strided(starts[0], stride, runs);
  }

  /** Runs of equal length. */
  record Strided(long base, long stride, int runs) implements RunLayout {
    @Override
    public long start(int run) {
      return base + run * stride;
    }
  }

  /** Runs of any lengths. */
  final class Listed implements RunLayout {
    private static final long serialVersionUID = 1L;
    private final long[] starts;

    Listed(long[] starts) {
      this.starts = starts.clone();
    }

    @Override
    public int runs() {
      return starts.length - 1;
    }

    @Override
    public long start(int run) {
      return starts[run];
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Listed listed && Arrays.equals(starts, listed.starts);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(starts);
    }

    @Override
    public String toString() {
      return "Listed[runs=" + runs() + "]";
    }
  }
}
