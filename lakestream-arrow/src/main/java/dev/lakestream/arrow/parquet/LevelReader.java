// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import org.apache.arrow.memory.ArrowBuf;

/** Reads what {@link LevelWriter} writes, from bytes that are not trusted. Not thread-safe. */
final class LevelReader {
  private static final int GROUP = 8;

  private final ArrowBuf source;
  private final int width;
  private final int maxLevel;
  private final long end;
  private long at;
  private int level;
  private long run;
  private long packedLeft;
  private long packedBit;
  private long packedStart;

  /** Levels of a column that has none but 0. */
  static LevelReader ofZeros(ArrowBuf source) {
    LevelReader zeros = new LevelReader(source, 0, 0, 0);
    zeros.run = Long.MAX_VALUE;
    return zeros;
  }

  LevelReader(ArrowBuf source, long start, long length, int maxLevel) {
    this.source = source;
    this.width = LevelWriter.width(maxLevel);
    this.maxLevel = maxLevel;
    this.at = start;
    this.end = start + length;
  }

  /** The next level. */
  int level() {
    while (run == 0) {
      next();
    }
    return level;
  }

  /** How many of the next levels are certainly equal; at least 1, after {@link #level}. */
  long run() {
    return run;
  }

  void skip(long count) {
    run -= count;
  }

  private void next() {
    if (packedLeft == 0) {
      long header = varint();
      if ((header & 1) == 0) {
        run = header >>> 1;
        level = check(readByte());
        return;
      }
      long groups = header >>> 1;
      if (groups * width > end - at) {
        // The last group may be cut short where its values are not used.
        throw new MalformedParquetException("its levels end too early");
      }
      packedLeft = groups * GROUP;
      packedStart = at;
      packedBit = 0;
      at += groups * width;
      return;
    }
    level = check(unpack());
    packedLeft--;
    run = 1;
  }

  private int unpack() {
    int value = 0;
    for (int bit = 0; bit < width; bit++, packedBit++) {
      value |= (source.getByte(packedStart + (packedBit >>> 3)) >> (packedBit & 7) & 1) << bit;
    }
    return value;
  }

  private int check(int value) {
    if (value > maxLevel) {
      throw new MalformedParquetException("it has the level " + value + " of " + maxLevel);
    }
    return value;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int next = readByte();
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new MalformedParquetException("the length of a run of levels is too large");
  }

  private int readByte() {
    if (at >= end) {
      throw new MalformedParquetException("its levels end too early");
    }
    return source.getByte(at++) & 0xFF;
  }
}
