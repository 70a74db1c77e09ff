// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.InputStream;
import net.jpountz.lz4.LZ4FrameInputStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Expands compressed buffers of a cell. A buffer's own claim of its length is not believed: it is
 * compared with what the values need before any memory is taken, and with what comes out.
 */
final class BufferExpander {
  /** What one cell may expand to. */
  static final long MAX_CELL_BYTES = 1L << 32;

  private static final int CHUNK_BYTES = 64 << 10;

  /** Each byte of an LZ4 block stands for at most so many. */
  private static final long LZ4_MAX_RATIO = 255;

  private final CellCompression compression;
  private final BufferAllocator allocator;
  private long expanded;

  BufferExpander(CellCompression compression, BufferAllocator allocator) {
    this.compression = compression;
    this.allocator = allocator;
  }

  /**
   * A buffer's content, which the caller closes.
   *
   * @param needed bytes that its values take
   * @throws MalformedCellException if it is not of that length, but for padding
   */
  ArrowBuf expand(ArrowBuf buffer, long needed) {
    if (buffer.capacity() == 0) {
      return allocator.getEmpty();
    }
    if (buffer.capacity() < Long.BYTES) {
      throw new MalformedCellException(
          "a compressed buffer of " + buffer.capacity() + " bytes has no length");
    }
    ArrowBuf content = buffer.slice(Long.BYTES, buffer.capacity() - Long.BYTES);
    long claimed = buffer.getLong(0);
    if (claimed == BufferCompressor.RAW) {
      content.getReferenceManager().retain();
      return content;
    }
    checkClaim(claimed, needed, content.capacity());
    ArrowBuf target = allocator.buffer(claimed).slice(0, claimed);
    try {
      switch (compression) {
        case ZSTD -> zstd(content, target);
        case LZ4 -> lz4(content, target);
        case NONE -> throw new IllegalStateException("nothing to expand");
      }
      return target;
    } catch (RuntimeException e) {
      target.close();
      throw e;
    }
  }

  private void checkClaim(long claimed, long needed, long compressed) {
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

  private static void zstd(ArrowBuf source, ArrowBuf target) {
    long length =
        Zstd.decompressUnsafe(
            target.memoryAddress(), target.capacity(), source.memoryAddress(), source.capacity());
    if (Zstd.isError(length)) {
      throw new MalformedCellException("a zstd buffer is damaged: " + Zstd.getErrorName(length));
    }
    if (length != target.capacity()) {
      throw expandedTo(length, target);
    }
  }

  private static void lz4(ArrowBuf source, ArrowBuf target) {
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, target.capacity() + 1)];
    long at = 0;
    try (InputStream frame = new LZ4FrameInputStream(new BufferInput(source), true)) {
      int length = frame.read(chunk, 0, chunk.length);
      while (length >= 0) {
        if (length > target.capacity() - at) {
          throw expandedTo(at + length, target);
        }
        target.setBytes(at, chunk, 0, length);
        at += length;
        length = frame.read(chunk, 0, chunk.length);
      }
    } catch (MalformedCellException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // of a damaged header it throws no better one
      throw new MalformedCellException("an LZ4 buffer is damaged: " + e.getMessage());
    }
    if (at != target.capacity()) {
      throw expandedTo(at, target);
    }
  }

  private static MalformedCellException expandedTo(long length, ArrowBuf target) {
    return new MalformedCellException(
        "a compressed buffer claims " + target.capacity() + " bytes and expands to " + length);
  }

  /** The bytes of a buffer. */
  private static final class BufferInput extends InputStream {
    private final ArrowBuf source;
    private long at;

    BufferInput(ArrowBuf source) {
      this.source = source;
    }

    @Override
    public int read() {
      return at == source.capacity() ? -1 : source.getByte(at++) & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      if (at == source.capacity()) {
        return -1;
      }
      int count = (int) Math.min(length, source.capacity() - at);
      source.getBytes(at, bytes, offset, count);
      at += count;
      return count;
    }
  }
}
