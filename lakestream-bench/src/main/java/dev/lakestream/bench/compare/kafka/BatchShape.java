// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

/**
 * What a global batch consists of.
 *
 * @param slots D, of equal size
 * @param slotBytes of token values, a multiple of {@link #ROW_BYTES}
 */
record BatchShape(int slots, int slotBytes) {
  /** 1,024 tokens of 4 bytes. */
  static final int ROW_BYTES = 4096;

  BatchShape {
    if (slots < 1 || slotBytes < ROW_BYTES || slotBytes % ROW_BYTES != 0) {
      throw new IllegalArgumentException(
          slots + " slots of " + slotBytes + " bytes: a slot has whole rows of " + ROW_BYTES);
    }
  }

  /** A batch of this many bytes. */
  static BatchShape ofStep(int slots, long stepBytes) {
    return new BatchShape(slots, Math.toIntExact(stepBytes / slots));
  }

  int rows() {
    return slotBytes / ROW_BYTES;
  }

  long stepBytes() {
    return (long) slots * slotBytes;
  }
}
