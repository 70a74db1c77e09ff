// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.InputStream;
import net.jpountz.lz4.LZ4FrameInputStream;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Expands compressed buffers of one cell after another. A buffer's own claim of its length is not
 * believed: it is compared with what the values need before any memory is taken, and with what
 * comes out. Zstandard allocates nothing on the heap; the library's reader of LZ4 frames does.
 */
final class BufferExpander {
  /** What one cell may expand to. */
  static final long MAX_CELL_BYTES = 1L << 32;

  private static final int CHUNK_BYTES = 64 << 10;

  /** Each byte of an LZ4 block stands for at most so many. */
  private static final long LZ4_MAX_RATIO = 255;

  private long expanded;

  /** Begins another cell. */
  void begin() {
    expanded = 0;
  }

  /**
   * How long a buffer says that its content is, if that can be; {@link BufferCompressor#RAW} if the
   * content stands behind the length as it is.
   *
   * @param needed bytes that its values take
   * @throws MalformedCellException if its content cannot be of that length, but for padding
   */
  long claim(CellCompression compression, long address, long length, long needed) {
    if (length < Long.BYTES) {
      throw new MalformedCellException("a compressed buffer of " + length + " bytes has no length");
    }
    long claimed = MemoryUtil.getLong(address);
    if (claimed != BufferCompressor.RAW) {
      checkClaim(compression, claimed, needed, length - Long.BYTES);
    }
    return claimed;
  }

  /**
   * Expands what follows the length into memory for just as much as was claimed.
   *
   * @throws MalformedCellException if it is damaged, or of another length
   */
  void expand(CellCompression compression, long address, long length, long target, long claimed) {
    switch (compression) {
      case ZSTD -> zstd(address, length, target, claimed);
      case LZ4 -> lz4(address, length, target, claimed);
      case NONE -> throw new IllegalStateException("nothing to expand");
    }
  }

  private void checkClaim(CellCompression compression, long claimed, long needed, long compressed) {
    if (claimed < 0 || claimed > Alignment.roundUp(needed)) {
      throw new MalformedCellException(
          "a compressed buffer claims " + claimed + " bytes, its values need " + needed);
    }
    if (compression == CellCompression.LZ4 && claimed / LZ4_MAX_RATIO > compressed) {
      throw new MalformedCellException(
          "a compressed buffer of " + compressed + " bytes claims " + claimed);
    }
    expanded += claimed;
    if (expanded > MAX_CELL_BYTES) {
      throw new MalformedCellException(
          "it expands to "
              + expanded
              + " bytes or more, at most "
              + MAX_CELL_BYTES
              + " are allowed");
    }
  }

  private static void zstd(long address, long length, long target, long claimed) {
    long expandedTo = Zstd.decompressUnsafe(target, claimed, address, length);
    if (Zstd.isError(expandedTo)) {
      throw new MalformedCellException(
          "a zstd buffer is damaged: " + Zstd.getErrorName(expandedTo));
    }
    if (expandedTo != claimed) {
      throw expandedTo(expandedTo, claimed);
    }
  }

  private static void lz4(long address, long length, long target, long claimed) {
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, claimed + 1)];
    long at = 0;
    try (InputStream frame = new LZ4FrameInputStream(new MemoryInput(address, length), true)) {
      int count = frame.read(chunk, 0, chunk.length);
      while (count >= 0) {
        if (count > claimed - at) {
          throw expandedTo(at + count, claimed);
        }
        MemoryUtil.copyToMemory(chunk, 0, target + at, count);
        at += count;
        count = frame.read(chunk, 0, chunk.length);
      }
    } catch (MalformedCellException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // of a damaged header it throws no better one
      throw new MalformedCellException("an LZ4 buffer is damaged: " + e.getMessage());
    }
    if (at != claimed) {
      throw expandedTo(at, claimed);
    }
  }

  private static MalformedCellException expandedTo(long length, long claimed) {
    return new MalformedCellException(
        "a compressed buffer claims " + claimed + " bytes and expands to " + length);
  }

  /** Bytes outside of the heap. */
  private static final class MemoryInput extends InputStream {
    private final long address;
    private final long length;
    private long at;

    MemoryInput(long address, long length) {
      this.address = address;
      this.length = length;
    }

    @Override
    public int read() {
      return at == length ? -1 : MemoryUtil.getByte(address + at++) & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) {
      if (at == length) {
        return -1;
      }
      int copied = (int) Math.min(count, length - at);
      MemoryUtil.copyFromMemory(address + at, bytes, offset, copied);
      at += copied;
      return copied;
    }
  }
}
