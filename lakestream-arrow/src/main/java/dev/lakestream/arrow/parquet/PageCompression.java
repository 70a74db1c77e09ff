// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import com.github.luben.zstd.Zstd;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.parquet.format.CompressionCodec;

/** How the pages of a cell are compressed, as Parquet defines it. */
public enum PageCompression {
  NONE(CompressionCodec.UNCOMPRESSED),
  /** One block, without a frame. */
  LZ4(CompressionCodec.LZ4_RAW),
  ZSTD(CompressionCodec.ZSTD);

  private static final int ZSTD_LEVEL = 3;

  private static final int ZSTD_HEADER_BYTES = 18;

  /** An LZ4 block has no byte that stands for more. */
  private static final long LZ4_MOST = 255;

  private final CompressionCodec codec;

  PageCompression(CompressionCodec codec) {
    this.codec = codec;
  }

  CompressionCodec codec() {
    return codec;
  }

  static PageCompression of(CompressionCodec codec) {
    for (PageCompression each : values()) {
      if (each.codec == codec) {
        return each;
      }
    }
    throw new MalformedParquetException("its pages are compressed by " + codec);
  }

  /** Appends the content, compressed; returns its length then. */
  int compress(ArrowBuf content, ByteSink target) {
    int length = (int) content.capacity();
    if (this == NONE) {
      target.put(content, 0, length);
      return length;
    }
    long bound =
        this == ZSTD
            ? Zstd.compressBound(length)
            : LZ4Factory.fastestInstance().fastCompressor().maxCompressedLength(length);
    ArrowBuf room = target.reserve(bound);
    int compressed =
        this == ZSTD
            ? zstd(content, length, room, target.length(), bound)
            : LZ4Factory.fastestInstance()
                .fastCompressor()
                .compress(
                    content.nioBuffer(0, length),
                    0,
                    length,
                    room.nioBuffer(target.length(), (int) bound),
                    0,
                    (int) bound);
    target.filled(compressed);
    return compressed;
  }

  private static int zstd(ArrowBuf content, int length, ArrowBuf room, long at, long bound) {
    long compressed =
        Zstd.compressUnsafe(
            room.memoryAddress() + at, bound, content.memoryAddress(), length, ZSTD_LEVEL);
    if (Zstd.isError(compressed)) {
      throw new IllegalStateException("zstd: " + Zstd.getErrorName(compressed));
    }
    return (int) compressed;
  }

  /**
   * Refuses a page that says that it expands to what it certainly does not, before there is memory
   * for it.
   */
  void requirePlausible(ArrowBuf content, int expanded) {
    if (this == LZ4 && expanded > LZ4_MOST * content.capacity()) {
      throw new MalformedParquetException("a page claims more than its LZ4 can expand to");
    }
    if (this == ZSTD) {
      byte[] frame = new byte[(int) Math.min(ZSTD_HEADER_BYTES, content.capacity())];
      content.getBytes(0, frame);
      long found = Zstd.getFrameContentSize(frame, 0, frame.length, false);
      if (found >= 0 && found != expanded) {
        throw new MalformedParquetException("a page claims another length than its zstd does");
      }
    }
  }

  /** Fills the target with what the content expands to, which must be exactly as much. */
  void expand(ArrowBuf content, ArrowBuf target) {
    long expected = target.capacity();
    long found;
    if (this == ZSTD) {
      found =
          Zstd.decompressUnsafe(
              target.memoryAddress(), expected, content.memoryAddress(), content.capacity());
      if (Zstd.isError(found)) {
        throw new MalformedParquetException("a page is no zstd: " + Zstd.getErrorName(found));
      }
    } else {
      found = lz4(content, target);
    }
    if (found != expected) {
      throw new MalformedParquetException(
          "a page expands to " + found + " bytes, its header says " + expected);
    }
  }

  private static int lz4(ArrowBuf content, ArrowBuf target) {
    int length = (int) content.capacity();
    int room = (int) target.capacity();
    ByteBuffer from = content.nioBuffer(0, length);
    try {
      return LZ4Factory.fastestInstance()
          .safeDecompressor()
          .decompress(from, 0, length, target.nioBuffer(0, room), 0, room);
    } catch (LZ4Exception e) {
      throw new MalformedParquetException("a page is no LZ4: " + e.getMessage());
    }
  }
}
