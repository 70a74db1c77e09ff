// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Compresses the buffers of a body ({@code docs/format.md} §4). What does not become smaller stays
 * as it is, behind a length that says so.
 */
final class BufferCompressor {
  /** The length before a buffer that is not compressed. */
  static final long RAW = -1;

  private static final int ZSTD_LEVEL = 3;
  private static final int CHUNK_BYTES = 64 << 10;

  private final CellCompression compression;
  private final BufferAllocator allocator;

  BufferCompressor(CellCompression compression, BufferAllocator allocator) {
    this.compression = compression;
    this.allocator = allocator;
  }

  /** New buffers of the same content; those given are closed, whatever happens. */
  List<ArrowBuf> compress(List<ArrowBuf> buffers) {
    if (compression == CellCompression.NONE) {
      return buffers;
    }
    List<ArrowBuf> compressed = new ArrayList<>(buffers.size());
    try {
      for (ArrowBuf buffer : buffers) {
        compressed.add(buffer.capacity() == 0 ? allocator.getEmpty() : compress(buffer));
      }
      return compressed;
    } catch (RuntimeException e) {
      compressed.forEach(ArrowBuf::close);
      throw e;
    } finally {
      buffers.forEach(ArrowBuf::close);
    }
  }

  private ArrowBuf compress(ArrowBuf source) {
    long room = compression == CellCompression.ZSTD ? zstdBound(source) : source.capacity();
    try (ArrowBuf scratch = allocator.buffer(room)) {
      long length =
          compression == CellCompression.ZSTD
              ? zstd(source, scratch, room)
              : lz4(source, scratch, room);
      return length < source.capacity()
          ? prefixed(source.capacity(), scratch, length)
          : prefixed(RAW, source, source.capacity());
    }
  }

  private ArrowBuf prefixed(long prefix, ArrowBuf content, long length) {
    long bytes = Long.BYTES + length;
    ArrowBuf result = allocator.buffer(bytes).slice(0, bytes);
    result.setLong(0, prefix);
    result.setBytes(Long.BYTES, content, 0, length);
    return result;
  }

  private static long zstdBound(ArrowBuf source) {
    return Zstd.compressBound(source.capacity());
  }

  private static long zstd(ArrowBuf source, ArrowBuf target, long room) {
    long length =
        Zstd.compressUnsafe(
            target.memoryAddress(), room, source.memoryAddress(), source.capacity(), ZSTD_LEVEL);
    if (Zstd.isError(length)) {
      throw new IllegalStateException("zstd: " + Zstd.getErrorName(length));
    }
    return length;
  }

  /** Through the heap, piece by piece; what would not become smaller is given up. */
  private static long lz4(ArrowBuf source, ArrowBuf target, long room) {
    BoundedOutput output = new BoundedOutput(target, room);
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, source.capacity())];
    try (LZ4FrameOutputStream frame =
        new LZ4FrameOutputStream(
            output,
            BLOCKSIZE.SIZE_64KB,
            source.capacity(),
            LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE,
            LZ4FrameOutputStream.FLG.Bits.CONTENT_SIZE)) {
      for (long at = 0; at < source.capacity() && !output.full; at += chunk.length) {
        int length = (int) Math.min(chunk.length, source.capacity() - at);
        source.getBytes(at, chunk, 0, length);
        frame.write(chunk, 0, length);
      }
      if (output.full) {
        return room;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return output.full ? room : output.length;
  }

  /** Takes bytes as long as there is room, and then passes over them. */
  private static final class BoundedOutput extends OutputStream {
    private final ArrowBuf target;
    private final long room;
    private long length;
    private boolean full;

    BoundedOutput(ArrowBuf target, long room) {
      this.target = target;
      this.room = room;
    }

    @Override
    public void write(int value) {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
      full = full || count > room - length;
      if (!full) {
        target.setBytes(length, bytes, offset, count);
        length += count;
      }
    }
  }
}
