// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import shaded.parquet.org.apache.thrift.TConfiguration;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;

/** Footers and headers of pages as bytes. What is read takes memory by its own size only. */
final class ParquetMetadata {
  static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  /** Bytes after a footer: its length and the magic. */
  static final int TAIL_BYTES = 8;

  private static final int NESTING = 64;

  private ParquetMetadata() {}

  /** Magic and nothing more, for comparisons. */
  static boolean isMagic(int value) {
    return value == ByteBuffer.wrap(MAGIC).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  /** A footer with its length and the magic. */
  static byte[] footer(FileMetaData metadata) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      Util.writeFileMetaData(metadata, bytes);
      int length = bytes.size();
      bytes.write(
          ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array());
      bytes.write(MAGIC);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] header(PageHeader header) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      Util.writePageHeader(header, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Reads a footer, without its length and the magic. */
  static FileMetaData readFooter(byte[] bytes) {
    FileMetaData metadata = new FileMetaData();
    try {
      metadata.read(protocol(new ByteArrayInputStream(bytes), bytes.length));
      metadata.validate();
    } catch (TException | RuntimeException e) {
      throw new MalformedParquetException("its footer can't be read: " + e.getMessage());
    }
    return metadata;
  }

  /** Reads the header of a page from a stream that ends where the page's chunk does. */
  static PageHeader readHeader(ByteArrayInputStream bytes) {
    PageHeader header = new PageHeader();
    try {
      header.read(protocol(bytes, bytes.available()));
      header.validate();
    } catch (TException | RuntimeException e) {
      throw new MalformedParquetException("the header of a page can't be read: " + e.getMessage());
    }
    return header;
  }

  /** No list or string can be longer than all there is. */
  private static TCompactProtocol protocol(ByteArrayInputStream bytes, int length)
      throws TException {
    TConfiguration bounded = new TConfiguration(length, length, NESTING);
    return new TCompactProtocol(new TIOStreamTransport(bounded, bytes));
  }
}
