// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

/**
 * Levels as Parquet's hybrid of runs and bit-packed groups: equal levels, eight or more, become a
 * run, others are packed. Not thread-safe.
 */
final class LevelWriter {
  private static final int GROUP = 8;
  private static final int MOST_PACKED = 504;

  private final int width;
  private final ByteSink target;
  private final byte[] packed = new byte[MOST_PACKED];
  private int packedCount;
  private int level;
  private long count;

  LevelWriter(int maxLevel, ByteSink target) {
    this.width = width(maxLevel);
    this.target = target;
  }

  static int width(int maxLevel) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(maxLevel);
  }

  void add(int next, long times) {
    if (next != level) {
      endRun();
      level = next;
    }
    count += times;
  }

  /** Ends the levels of a page. */
  void finish() {
    endRun();
    while (packedCount % GROUP != 0) {
      packed[packedCount++] = 0;
    }
    flushPacked();
    level = 0;
  }

  private void endRun() {
    int lacking = (GROUP - packedCount % GROUP) % GROUP;
    if (count - lacking >= GROUP) {
      pack(lacking);
      flushPacked();
      putVarint((count - lacking) << 1);
      target.putByte(level);
    } else {
      pack((int) count);
    }
    count = 0;
  }

  private void pack(int times) {
    for (int i = 0; i < times; i++) {
      packed[packedCount++] = (byte) level;
      if (packedCount == MOST_PACKED) {
        flushPacked();
      }
    }
  }

  private void flushPacked() {
    if (packedCount == 0) {
      return;
    }
    putVarint(((packedCount / GROUP) << 1) | 1);
    long bits = 0;
    int held = 0;
    for (int i = 0; i < packedCount; i++) {
      bits |= (long) packed[i] << held;
      held += width;
      while (held >= Byte.SIZE) {
        target.putByte((int) bits & 0xFF);
        bits >>>= Byte.SIZE;
        held -= Byte.SIZE;
      }
    }
    packedCount = 0;
  }

  private void putVarint(long value) {
    long rest = value;
    while (rest >= 0x80) {
      target.putByte((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    target.putByte((int) rest);
  }
}
