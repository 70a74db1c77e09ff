// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.parquet.ParquetCell;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;

/**
 * One cell ready to be written: the metadata of its message and the buffers of its body, which it
 * shares with the vectors that it was made of until it is closed. Its length and all buffers are
 * aligned.
 */
public final class EncodedCell implements AutoCloseable {
  private static final long CHUNK_BYTES = 1 << 30;

  private final ArrowBuf metadata;
  private final List<ArrowBuf> body;
  private final long rows;
  private final long length;
  private final int crc;
  private final int footerCrc;
  private final Optional<ParquetCell> parquet;

  /** Takes the buffers over; the metadata with its prefix are a multiple of 64 bytes. */
  EncodedCell(ArrowBuf metadata, List<ArrowBuf> body, long rows) {
    this(metadata, body, rows, Optional.empty());
  }

  /** A cell that is a Parquet file; takes it over. */
  EncodedCell(ParquetCell cell, long rows) {
    this(cell.bytes(), List.of(), rows, Optional.of(cell));
  }

  private EncodedCell(
      ArrowBuf metadata, List<ArrowBuf> body, long rows, Optional<ParquetCell> parquet) {
    this.parquet = parquet;
    this.metadata = metadata;
    this.body = body;
    this.rows = rows;
    long sum = metadata.capacity();
    for (ArrowBuf buffer : body) {
      sum += Alignment.roundUp(buffer.capacity());
    }
    this.length = sum;
    CRC32C checksum = new CRC32C();
    buffers().forEach(checksum::update);
    this.crc = (int) checksum.getValue();
    this.footerCrc = parquet.map(EncodedCell::footerCrc).orElse(0);
  }

  private static int footerCrc(ParquetCell cell) {
    int length = cell.footerBytes();
    CRC32C checksum = new CRC32C();
    checksum.update(cell.bytes().nioBuffer(cell.bytes().capacity() - length, length));
    return (int) checksum.getValue();
  }

  /** Bytes in all, a multiple of 64. */
  public long length() {
    return length;
  }

  /** Bytes before the body: continuation marker, length and metadata; a multiple of 64. */
  public int metadataLength() {
    return (int) metadata.capacity();
  }

  public long rows() {
    return rows;
  }

  /** CRC32C of all bytes. */
  public int crc32c() {
    return crc;
  }

  /** CRC32C of the footer of a cell that is a Parquet file; 0 of others. */
  int footerCrc32c() {
    return footerCrc;
  }

  /** What it is as a Parquet file, if it is one. */
  Optional<ParquetCell> parquet() {
    return parquet;
  }

  /** All bytes in order, padding included, valid until the cell is closed. */
  public List<ByteBuffer> buffers() {
    List<ByteBuffer> all = new ArrayList<>();
    append(metadata, all);
    for (ArrowBuf buffer : body) {
      append(buffer, all);
      ByteBuffer padding = Alignment.padding(buffer.capacity());
      if (padding.hasRemaining()) {
        all.add(padding);
      }
    }
    return all;
  }

  private static void append(ArrowBuf buffer, List<ByteBuffer> all) {
    for (long offset = 0; offset < buffer.capacity(); offset += CHUNK_BYTES) {
      int chunk = (int) Math.min(CHUNK_BYTES, buffer.capacity() - offset);
      all.add(buffer.nioBuffer(offset, chunk));
    }
  }

  @Override
  public void close() {
    metadata.close();
    body.forEach(ArrowBuf::close);
  }
}
