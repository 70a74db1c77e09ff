// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Totals;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.UUID;
import java.util.function.Function;

/**
 * One ref of the index in its packed form ({@code docs/format.md} §8): height, version, UUID,
 * bytes, SHA-256, steps, rows, tokens. Reads one after the other without making objects of them.
 * Not thread-safe.
 */
final class PackedRef {
  private static final int UUID_BYTES = 16;
  private static final int SHA256_BYTES = 32;

  /** A height, a UUID, a SHA-256, and five numbers of a byte. */
  static final int LEAST_BYTES = 1 + UUID_BYTES + SHA256_BYTES + 5;

  private static final int NUMBER_BITS = 7;
  private static final int NUMBER_MASK = (1 << NUMBER_BITS) - 1;

  /** Eight bytes hold every number of the format. */
  private static final int NUMBER_MAX_BITS = 8 * NUMBER_BITS;

  private final byte[] packed;
  private final Function<String, CorruptObjectException> problem;
  private int position;
  private int height;
  private long version;
  private int uuidAt;
  private int bytes;
  private int sha256At;
  private long steps;
  private long rows;
  private long tokens;

  /**
   * Reads of these bytes.
   *
   * @param problem makes an error of what is wrong with them
   */
  PackedRef(byte[] packed, Function<String, CorruptObjectException> problem) {
    this.packed = packed;
    this.problem = problem;
  }

  /** Reads the ref that begins here. */
  void read(int offset) {
    position = offset;
    height = packed[skip(1)];
    version = number("version", 0, Limits.MAX_INTEGER);
    uuidAt = skip(UUID_BYTES);
    bytes = (int) number("bytes", 1, Limits.SEGMENT_BYTES);
    sha256At = skip(SHA256_BYTES);
    steps = number("steps", 1, Limits.MAX_INTEGER);
    rows = number("rows", 0, Limits.MAX_INTEGER);
    tokens = number("tokens", 0, Limits.MAX_INTEGER);
    if (height < 0 || height > Limits.INDEX_DEPTH) {
      throw problem.apply("a ref has the height " + height);
    }
  }

  /** Where the next one begins. */
  int end() {
    return position;
  }

  int height() {
    return height;
  }

  long steps() {
    return steps;
  }

  long rows() {
    return rows;
  }

  long tokens() {
    return tokens;
  }

  /** The ref that was read. */
  IndexRef unpacked(Totals before) {
    ByteBuffer uuid = ByteBuffer.wrap(packed, uuidAt, UUID_BYTES);
    String sha256 = HexFormat.of().formatHex(packed, sha256At, sha256At + SHA256_BYTES);
    SegmentLocation where =
        new SegmentLocation(
            StreamKeys.segment(version, new UUID(uuid.getLong(), uuid.getLong())),
            bytes,
            new Digest(sha256));
    return new IndexRef(where, height, before, new Totals(steps, rows, tokens));
  }

  private int skip(int count) {
    int begin = position;
    if (count > packed.length - begin) {
      throw problem.apply("a ref is torn");
    }
    position += count;
    return begin;
  }

  private long number(String what, long min, long max) {
    long value = 0;
    int at = position;
    for (int shift = 0; shift < NUMBER_MAX_BITS && at < packed.length; shift += NUMBER_BITS) {
      byte next = packed[at++];
      value |= (long) (next & NUMBER_MASK) << shift;
      if (next >= 0) {
        position = at;
        if (value < min || value > max) {
          throw problem.apply(
              "the " + what + " of a ref, " + value + ", is not between " + min + " and " + max);
        }
        return value;
      }
    }
    throw problem.apply(
        at == packed.length ? "a ref is torn" : "the " + what + " of a ref has more than 8 bytes");
  }

  /** Appends a ref in its packed form. */
  static void write(IndexRef ref, ByteArrayOutputStream out) {
    UUID uuid = StreamKeys.segmentUuid(ref.where().key()).orElseThrow();
    out.write(ref.height());
    writeNumber(StreamKeys.segmentVersion(ref.where().key()).orElseThrow(), out);
    out.writeBytes(
        ByteBuffer.allocate(UUID_BYTES)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .array());
    writeNumber(ref.where().bytes(), out);
    out.writeBytes(ref.where().sha256().bytes());
    writeNumber(ref.covered().steps(), out);
    writeNumber(ref.covered().rows(), out);
    writeNumber(ref.covered().tokens(), out);
  }

  private static void writeNumber(long number, ByteArrayOutputStream out) {
    long left = number;
    while (left > NUMBER_MASK) {
      out.write((int) (left & NUMBER_MASK) | (1 << NUMBER_BITS));
      left >>>= NUMBER_BITS;
    }
    out.write((int) left);
  }
}
