// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import java.io.ByteArrayInputStream;
import java.util.zip.CRC32;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;

/**
 * The pages of one column chunk.
 *
 * @param bytes of the chunk
 * @param verify whether to compare the checksums of pages, where nothing else has told that the
 *     bytes are those that were written
 */
record ChunkPages(ArrowBuf bytes, boolean verify) {
  /** More than a header of these pages has. */
  private static final int HEADER_BYTES = 256;

  /** Gives all pages to the assembler; returns how many levels they have. */
  long read(
      ParquetLeaf leaf,
      PageCompression compression,
      LeafAssembler assembler,
      BufferAllocator allocator,
      Claims claims) {
    long levels = 0;
    long at = 0;
    while (at < bytes.capacity()) {
      byte[] start = new byte[(int) Math.min(HEADER_BYTES, bytes.capacity() - at)];
      bytes.getBytes(at, start);
      ByteArrayInputStream input = new ByteArrayInputStream(start);
      PageHeader header = ParquetMetadata.readHeader(input);
      at += start.length - input.available();
      int length = header.getCompressed_page_size();
      if (length < 0 || length > bytes.capacity() - at || header.getUncompressed_page_size() < 0) {
        throw new MalformedParquetException("a page of " + length + " bytes is not inside of it");
      }
      // So that a few bytes can't say that there are very many values.
      claims.take(Long.BYTES * (long) levelsOf(header));
      ArrowBuf content = bytes.slice(at, length);
      if (verify) {
        verify(header, content);
      }
      levels += page(leaf, header, compression, content, assembler, allocator, claims);
      at += length;
    }
    return levels;
  }

  private static int levelsOf(PageHeader header) {
    DataPageHeader data = header.getData_page_header();
    if (header.getType() != PageType.DATA_PAGE
        || data == null
        || data.getEncoding() != Encoding.PLAIN
        || data.getDefinition_level_encoding() != Encoding.RLE
        || data.getRepetition_level_encoding() != Encoding.RLE
        || data.getNum_values() < 0) {
      throw new MalformedParquetException("a page is no data page (v1) of plain values");
    }
    return data.getNum_values();
  }

  private static void verify(PageHeader header, ArrowBuf content) {
    CRC32 crc = new CRC32();
    crc.update(content.nioBuffer(0, (int) content.capacity()));
    if (!header.isSetCrc() || header.getCrc() != (int) crc.getValue()) {
      throw new MalformedParquetException(
          String.format("the CRC32 of a page is %08x, not what its header says", crc.getValue()));
    }
  }

  private static int page(
      ParquetLeaf leaf,
      PageHeader header,
      PageCompression compression,
      ArrowBuf content,
      LeafAssembler assembler,
      BufferAllocator allocator,
      Claims claims) {
    DataPageHeader data = header.getData_page_header();
    if (compression == PageCompression.NONE) {
      if (header.getUncompressed_page_size() != content.capacity()) {
        throw new MalformedParquetException("the two lengths of a page differ");
      }
      levels(leaf, data.getNum_values(), content, assembler);
      return data.getNum_values();
    }
    claims.take(header.getUncompressed_page_size());
    compression.requirePlausible(content, header.getUncompressed_page_size());
    try (ArrowBuf memory = allocator.buffer(Math.max(1, header.getUncompressed_page_size()))) {
      ArrowBuf expanded = memory.slice(0, header.getUncompressed_page_size());
      compression.expand(content, expanded);
      levels(leaf, data.getNum_values(), expanded, assembler);
    }
    return data.getNum_values();
  }

  private static void levels(ParquetLeaf leaf, int count, ArrowBuf page, LeafAssembler assembler) {
    long repetitionEnd = end(page, 0, leaf.maxRepetition());
    long definitionEnd = end(page, repetitionEnd, leaf.maxDefinition());
    PlainValues values = new PlainValues(page, definitionEnd);
    assembler.add(
        reader(page, 0, repetitionEnd, leaf.maxRepetition()),
        reader(page, repetitionEnd, definitionEnd, leaf.maxDefinition()),
        values,
        count);
    values.finish();
  }

  private static LevelReader reader(ArrowBuf page, long start, long end, int maxLevel) {
    return maxLevel == 0
        ? LevelReader.ofZeros(page)
        : new LevelReader(page, start + Integer.BYTES, end - start - Integer.BYTES, maxLevel);
  }

  /** Where levels end that begin with their length, if there are any. */
  private static long end(ArrowBuf page, long start, int maxLevel) {
    if (maxLevel == 0) {
      return start;
    }
    long room = page.capacity() - start - Integer.BYTES;
    long length = room < 0 ? 0 : Integer.toUnsignedLong(page.getInt(start));
    if (length > room) {
      throw new MalformedParquetException("the levels of a page are not inside of it");
    }
    return start + Integer.BYTES + length;
  }
}
