// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The directory at the start of a run: length, rows, tokens and checksum of each of its cells
 * ({@code docs/format.md} §4.1). What is decoded fits its run: the cells fill it exactly.
 */
public final class RunDirectory {
  private static final int MAGIC = 0x4452534C; // "LSRD", little-endian
  private static final int HEADER_BYTES = 32;
  private static final int ENTRY_BYTES = 32;
  private static final int CRC_AT = 28;
  private static final int ROWS_AT = 8;
  private static final int TOKENS_AT = 16;
  private static final int CELL_CRC_AT = 24;
  private static final int FOOTER_CRC_AT = 28;

  private final ByteBuffer bytes;
  private final long[] starts;

  private RunDirectory(ByteBuffer bytes, long[] starts) {
    this.bytes = bytes;
    this.starts = starts;
  }

  /** Bytes of the directory of a run of so many cells, padding included. */
  public static int length(int cells) {
    return (int) Alignment.roundUp(HEADER_BYTES + (long) ENTRY_BYTES * cells);
  }

  /**
   * Checks and copies the directory of a run.
   *
   * @param start the first bytes of the run, at least {@link #length}, if it has as many
   * @param runLength bytes of the whole run
   * @throws CorruptObjectException if anything in it is not as it must be
   */
  public static RunDirectory decode(
      ByteBuffer start, BundleDescriptor bundle, int piece, int slot, long runLength) {
    return new Decoder(bundle, piece, slot).decode(start, runLength);
  }

  /** Number of cells. */
  public int cells() {
    return starts.length - 1;
  }

  /** Where a cell starts, from the start of the run. */
  public long start(int cell) {
    return starts[cell];
  }

  public long cellLength(int cell) {
    return starts[cell + 1] - starts[cell];
  }

  public int rows(int cell) {
    return (int) bytes.getLong(entryAt(cell) + ROWS_AT);
  }

  public long tokens(int cell) {
    return bytes.getLong(entryAt(cell) + TOKENS_AT);
  }

  public int crc32c(int cell) {
    return bytes.getInt(entryAt(cell) + CELL_CRC_AT);
  }

  /** CRC32C of the footer of a cell that is a Parquet file. */
  public int footerCrc32c(int cell) {
    return bytes.getInt(entryAt(cell) + FOOTER_CRC_AT);
  }

  /** The 32 bytes of a cell's entry, which name its content. */
  public byte[] entry(int cell) {
    byte[] entry = new byte[ENTRY_BYTES];
    bytes.get(entryAt(cell), entry);
    return entry;
  }

  private static int entryAt(int cell) {
    return HEADER_BYTES + ENTRY_BYTES * cell;
  }

  /** The entry of a cell. */
  static byte[] encodeEntry(EncodedCell cell, long tokens) {
    return ByteBuffer.allocate(ENTRY_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(cell.length())
        .putLong(cell.rows())
        .putLong(tokens)
        .putInt(cell.crc32c())
        .putInt(cell.footerCrc32c())
        .array();
  }

  /** A directory with its padding. */
  static ByteBuffer encode(UUID bundle, int piece, int slot, byte[][] entries) {
    byte[] directory = new byte[length(entries.length)];
    ByteBuffer content = ByteBuffer.wrap(directory).order(ByteOrder.LITTLE_ENDIAN);
    content.putInt(MAGIC).putInt(entries.length).putInt(piece).putInt(slot);
    content.putLong(prefix(bundle)).putInt(0).putInt(0);
    for (byte[] entry : entries) {
      content.put(entry);
    }
    content.putInt(CRC_AT, checksum(directory, content.position()));
    return content.rewind();
  }

  /** The first 8 bytes of a UUID as they are read in little-endian order. */
  private static long prefix(UUID bundle) {
    return Long.reverseBytes(bundle.getMostSignificantBits());
  }

  private static int checksum(byte[] content, int length) {
    CRC32C crc = new CRC32C();
    crc.update(content, 0, CRC_AT);
    crc.update(new byte[Integer.BYTES], 0, Integer.BYTES);
    crc.update(content, HEADER_BYTES, length - HEADER_BYTES);
    return (int) crc.getValue();
  }

  /** The checks, each with an error that names the object. */
  private record Decoder(BundleDescriptor bundle, int piece, int slot) {
    RunDirectory decode(ByteBuffer start, long runLength) {
      int size = entryAt(bundle.steps());
      int padded = length(bundle.steps());
      if (runLength < padded || start.remaining() < padded) {
        throw corrupt("a run of " + runLength + " bytes has no room for its directory");
      }
      byte[] directory = new byte[size];
      start.get(start.position(), directory);
      ByteBuffer content = ByteBuffer.wrap(directory).order(ByteOrder.LITTLE_ENDIAN);
      checkHeader(content, checksum(directory, size));
      return new RunDirectory(content, starts(content, padded, runLength));
    }

    private void checkHeader(ByteBuffer content, int crc) {
      if (content.getInt(0) != MAGIC) {
        throw corrupt("it does not begin with 'LSRD'");
      }
      if (content.getInt(CRC_AT) != crc) {
        throw corrupt(
            String.format("its CRC32C is %08x, it says %08x", crc, content.getInt(CRC_AT)));
      }
      expect("cells", bundle.steps(), content.getInt(4));
      expect("piece", piece, content.getInt(8));
      expect("slot", slot, content.getInt(12));
      UUID uuid = StreamKeys.uuid(bundle.key()).orElseThrow(() -> corrupt("its key has no UUID"));
      if (content.getLong(16) != prefix(uuid)) {
        throw corrupt("it belongs to another bundle");
      }
    }

    private void expect(String what, int wanted, int found) {
      if (wanted != found) {
        throw corrupt(
            "it says " + what + " " + Integer.toUnsignedString(found) + ", not " + wanted);
      }
    }

    private long[] starts(ByteBuffer content, int first, long runLength) {
      long[] starts = new long[bundle.steps() + 1];
      starts[0] = first;
      for (int cell = 0; cell < bundle.steps(); cell++) {
        long length = content.getLong(entryAt(cell));
        if (!Alignment.isAligned(length)
            || length < Alignment.BYTES
            || length > runLength - starts[cell]) {
          throw corrupt(
              "cell " + cell + " has " + Long.toUnsignedString(length) + " bytes in its run");
        }
        starts[cell + 1] = starts[cell] + length;
        long rows = content.getLong(entryAt(cell) + ROWS_AT);
        long tokens = content.getLong(entryAt(cell) + TOKENS_AT);
        if (rows < 0 || rows > Integer.MAX_VALUE || tokens < 0 || tokens > Limits.MAX_INTEGER) {
          throw corrupt("cell " + cell + " has too many rows or tokens");
        }
      }
      if (starts[bundle.steps()] != runLength) {
        throw corrupt("its cells leave a part of the run of " + runLength + " bytes");
      }
      return starts;
    }

    private CorruptObjectException corrupt(String what) {
      return new CorruptObjectException(
          bundle.key().value(),
          "directory of the run of piece " + piece + ", slot " + slot + ": " + what);
    }
  }
}
