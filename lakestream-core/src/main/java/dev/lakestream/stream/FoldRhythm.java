// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

/**
 * Who folds the log, and when. Whoever commits a version that is a multiple folds, so that as a
 * rule one does and nobody has to agree on it; if that one died, whoever notices. Pure.
 */
final class FoldRhythm {
  /** Entries from one snapshot to the next. */
  static final int EVERY = 256;

  /** From one snapshot to the next if whose turn it was did not fold. */
  static final int OVERDUE = 2 * EVERY;

  private FoldRhythm() {}

  /**
   * Whether the one who committed this version is to fold.
   *
   * @param entries that this one has folded since the snapshot that it goes on from
   */
  static boolean isDue(long committed, long entries) {
    return committed % EVERY == EVERY - 1 || entries >= OVERDUE;
  }
}
