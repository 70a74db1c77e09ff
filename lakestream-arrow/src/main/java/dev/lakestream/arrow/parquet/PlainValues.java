// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import org.apache.arrow.memory.ArrowBuf;

/** The plain values of a page, from bytes that are not trusted. Not thread-safe. */
final class PlainValues {
  private final ArrowBuf page;
  private long at;
  private long bit;

  PlainValues(ArrowBuf page, long start) {
    this.page = page;
    this.at = start;
  }

  /** Appends so many of the next ones as a vector has them, where it has some before. */
  void copyTo(ByteSink values, ByteSink offsets, LeafType type, int count, int held) {
    switch (type.form()) {
      case NOTHING -> throw new MalformedParquetException("a column of nulls has values");
      case SAME -> {
        long bytes = (long) count * type.width();
        require(bytes);
        values.put(page, at, bytes);
        at += bytes;
      }
      case BITS -> {
        require((bit + count + 7) >>> 3);
        for (int i = 0; i < count; i++, bit++) {
          values.putBit(held + (long) i, (page.getByte(at + (bit >>> 3)) >> (bit & 7) & 1) != 0);
        }
      }
      case SIGNED, UNSIGNED -> {
        require((long) count * Integer.BYTES);
        ArrowBuf target = values.reserve((long) count * type.width());
        for (int i = 0; i < count; i++, at += Integer.BYTES) {
          narrow(type, page.getInt(at), target, values.length() + (long) i * type.width());
        }
        values.filled((long) count * type.width());
      }
      case REVERSED -> {
        require((long) count * type.width());
        for (int i = 0; i < count; i++, at += type.width()) {
          values.putLong(Long.reverseBytes(page.getLong(at + Long.BYTES)));
          values.putLong(Long.reverseBytes(page.getLong(at)));
        }
      }
      case VARIABLE -> {
        for (int i = 0; i < count; i++) {
          require(Integer.BYTES);
          long length = Integer.toUnsignedLong(page.getInt(at));
          at += Integer.BYTES;
          require(length);
          putOffset(type, values.length(), offsets);
          values.put(page, at, length);
          at += length;
        }
      }
    }
  }

  /** Checks that nothing is left. */
  void finish() {
    if (at + ((bit + 7) >>> 3) != page.capacity()) {
      throw new MalformedParquetException("a page has more values than its header says");
    }
  }

  static void putOffset(LeafType type, long offset, ByteSink offsets) {
    if (type.width() == Long.BYTES) {
      offsets.putLong(offset);
    } else if (offset > Integer.MAX_VALUE) {
      throw new MalformedParquetException("a column has more than 2 GiB of values");
    } else {
      offsets.putInt((int) offset);
    }
  }

  private static void narrow(LeafType type, int value, ArrowBuf target, long position) {
    if (type.width() == 1) {
      target.setByte(position, value);
    } else {
      target.setShort(position, value);
    }
  }

  private void require(long bytes) {
    if (bytes > page.capacity() - at) {
      throw new MalformedParquetException("a page has fewer values than its header says");
    }
  }
}
