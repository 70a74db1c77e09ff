// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/** Memory that grows with what is appended. Not thread-safe. */
final class ByteSink implements AutoCloseable {
  private static final int LEAST = 256;

  private final BufferAllocator allocator;
  private final Claims claims;
  private ArrowBuf buffer;
  private long length;

  ByteSink(BufferAllocator allocator) {
    this(allocator, new Claims(Long.MAX_VALUE));
  }

  /**
   * @param claims what its growth counts against
   */
  ByteSink(BufferAllocator allocator, Claims claims) {
    this.allocator = allocator;
    this.claims = claims;
    this.buffer = allocator.getEmpty();
  }

  long length() {
    return length;
  }

  void clear() {
    length = 0;
  }

  /** What was appended; valid until more is. */
  ArrowBuf view() {
    return buffer.slice(0, length);
  }

  void putByte(int value) {
    reserve(1);
    buffer.setByte(length++, value);
  }

  void putInt(int value) {
    reserve(Integer.BYTES);
    buffer.setInt(length, value);
    length += Integer.BYTES;
  }

  void putLong(long value) {
    reserve(Long.BYTES);
    buffer.setLong(length, value);
    length += Long.BYTES;
  }

  void put(byte[] bytes) {
    reserve(bytes.length);
    buffer.setBytes(length, bytes);
    length += bytes.length;
  }

  void put(ArrowBuf source, long offset, long count) {
    if (count > 0) {
      reserve(count);
      buffer.setBytes(length, source, offset, count);
      length += count;
    }
  }

  void putZeros(long count) {
    if (count > 0) {
      reserve(count);
      buffer.setZero(length, count);
      length += count;
    }
  }

  /** Appends a bit, where so many bits have been appended. */
  void putBit(long bits, boolean value) {
    if ((bits & 7) == 0) {
      putByte(value ? 1 : 0);
    } else if (value) {
      long last = bits >>> 3;
      buffer.setByte(last, buffer.getByte(last) | (1 << (bits & 7)));
    }
  }

  /** As {@link #putBit}, many equal ones. */
  void putBits(long bits, boolean value, long count) {
    long at = bits;
    long end = bits + count;
    while (at < end && (at & 7) != 0) {
      putBit(at++, value);
    }
    long whole = (end - at) >>> 3;
    if (whole > 0) {
      reserve(whole);
      if (value) {
        buffer.setOne(length, whole);
      } else {
        buffer.setZero(length, whole);
      }
      length += whole;
      at += whole << 3;
    }
    while (at < end) {
      putBit(at++, value);
    }
  }

  /** Makes room that is filled at once by who asks. */
  ArrowBuf reserve(long count) {
    long needed = length + count;
    if (needed > buffer.capacity()) {
      long grown = Math.max(Math.max(LEAST, needed), buffer.capacity() * 2);
      claims.take(grown - buffer.capacity());
      ArrowBuf larger = allocator.buffer(grown);
      larger.setBytes(0, buffer, 0, length);
      buffer.close();
      buffer = larger;
    }
    return buffer;
  }

  /** What {@link #reserve} gave was filled from {@link #length} on. */
  void filled(long count) {
    length += count;
  }

  void setInt(long at, int value) {
    buffer.setInt(at, value);
  }

  @Override
  public void close() {
    buffer.close();
    buffer = allocator.getEmpty();
    length = 0;
  }
}
