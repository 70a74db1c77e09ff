// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

/**
 * K, the steps of one bundle. More make fewer objects and smaller entries; but nothing of a bundle
 * can be committed before it is closed, so it should not take longer to fill than the time between
 * two commits, and what is not yet uploaded is held in memory.
 */
public final class BundleSizing {
  private BundleSizing() {}

  /**
   * As many steps as are finished in one commit interval, and fit into memory; at least one.
   *
   * @param interval nanoseconds between two commits, {@link CommitPolicy#interval()}
   * @param stepTime nanoseconds in which the producer finishes a step, at least 1
   * @param stepBytes of one step, at least 1
   * @param memory bytes that a bundle may take before it is uploaded
   * @param most steps that the format allows in a bundle, at least 1
   */
  public static int steps(long interval, long stepTime, long stepBytes, long memory, int most) {
    if (stepTime < 1 || stepBytes < 1 || most < 1 || interval < 0 || memory < 0) {
      throw new IllegalArgumentException(
          "a step takes at least 1 ns and 1 byte, and a bundle has at least 1 step; given are "
              + stepTime
              + " ns, "
              + stepBytes
              + " bytes, "
              + most
              + " steps, an interval of "
              + interval
              + " ns and "
              + memory
              + " bytes of memory");
    }
    long fitting = Math.min(interval / stepTime, memory / stepBytes);
    return (int) Math.max(1, Math.min(most, fitting));
  }
}
