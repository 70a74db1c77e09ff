// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

/**
 * How large the parts of an upload are whose size nobody knows beforehand: S3 takes 10,000 parts,
 * so they double after each thousand. All parts of what is smaller than a thousand of them are
 * equal, which some lookalikes insist on.
 */
final class PartSizes {
  static final int MOST_PARTS = 10_000;
  private static final int EQUAL_PARTS = 1_000;
  private static final long LARGEST = 1 << 30;

  private PartSizes() {}

  /**
   * The size of a part.
   *
   * @param number from 1
   * @param smallest the size of the first
   */
  static int ofPart(int number, int smallest) {
    int doublings = (number - 1) / EQUAL_PARTS;
    return (int) Math.min(LARGEST, (long) smallest << doublings);
  }
}
