// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import java.nio.ByteBuffer;

/** All positions of a bundle that matter are multiples of 64. */
final class Alignment {
  static final int BYTES = 64;
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(BYTES).asReadOnlyBuffer();

  private Alignment() {}

  static long roundUp(long position) {
    return (position + BYTES - 1) & -BYTES;
  }

  static boolean isAligned(long position) {
    return position % BYTES == 0;
  }

  /** The zeros that are missing after this many bytes: 0 to 63. */
  static ByteBuffer padding(long position) {
    return ZEROS.slice(0, (int) (roundUp(position) - position));
  }
}
