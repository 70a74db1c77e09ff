// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.schema.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;

/**
 * Turns vectors into cells that are Parquet files, each with at most one row group ({@code
 * docs/format.md} §4.4): plain values, so that they are copied as they are, and what can be made
 * smaller is left to the compression.
 *
 * <p>Not thread-safe.
 */
public final class ParquetCellEncoder {
  private static final long PAGE_BYTES = 1 << 20;
  private static final int FLAT_ROWS = 1024;
  private static final int NESTED_ROWS = 8;
  private static final int ALIGNMENT = 64;

  private final ParquetColumns columns;
  private final PageCompression compression;
  private final BufferAllocator allocator;
  private final ParquetFooters footers;

  /**
   * @param fields of the cells
   * @param allocator for the cells and for what it takes to make them
   */
  public ParquetCellEncoder(
      List<Field> fields, PageCompression compression, BufferAllocator allocator) {
    this.columns = ParquetColumns.of(fields);
    this.compression = compression;
    this.allocator = allocator;
    this.footers = new ParquetFooters(columns);
  }

  /**
   * Vectors of so many rows as a cell, which shares nothing with them.
   *
   * @throws InvalidRequestException if a column that is not nullable has nulls, or it is too large
   */
  public ParquetCell encode(List<FieldVector> vectors, int rows) {
    try (ByteSink cell = new ByteSink(allocator)) {
      cell.put(ParquetMetadata.MAGIC);
      Optional<RowGroup> group =
          rows == 0 ? Optional.empty() : Optional.of(group(vectors, rows, cell));
      byte[] footer = footers.ofCell(group, rows);
      cell.putZeros(Math.floorMod(-(cell.length() + footer.length), ALIGNMENT));
      cell.put(footer);
      if (cell.length() > Integer.MAX_VALUE) {
        throw new InvalidRequestException(
            "a cell of " + cell.length() + " bytes of Parquet; more slots are wanted");
      }
      ArrowBuf bytes = allocator.buffer(cell.length()).slice(0, cell.length());
      bytes.setBytes(0, cell.view(), 0, cell.length());
      return new ParquetCell(bytes, footer.length, group);
    }
  }

  private RowGroup group(List<FieldVector> vectors, int rows, ByteSink cell) {
    long start = cell.length();
    List<ColumnChunk> chunks = new ArrayList<>();
    long expanded = 0;
    for (ParquetLeaf leaf : columns.leaves()) {
      FieldVector vector = vectors.get(leaf.column());
      if (vector.getValueCount() < rows) {
        throw new InvalidRequestException(
            "column '" + leaf.path() + "' has " + vector.getValueCount() + " of " + rows + " rows");
      }
      ColumnMetaData chunk = chunk(leaf, vector, rows, cell);
      expanded += chunk.getTotal_uncompressed_size();
      chunks.add(new ColumnChunk(chunk.getData_page_offset()).setMeta_data(chunk));
    }
    return new RowGroup(chunks, expanded, rows)
        .setFile_offset(start)
        .setTotal_compressed_size(cell.length() - start);
  }

  private ColumnMetaData chunk(ParquetLeaf leaf, FieldVector vector, int rows, ByteSink cell) {
    long start = cell.length();
    long expanded = 0;
    long levels = 0;
    int step = leaf.maxRepetition() == 0 ? FLAT_ROWS : NESTED_ROWS;
    try (ByteSink repetitions = new ByteSink(allocator);
        ByteSink definitions = new ByteSink(allocator);
        ByteSink values = new ByteSink(allocator);
        ByteSink page = new ByteSink(allocator)) {
      LeafShredder shredder =
          new LeafShredder(
              leaf,
              vector,
              new LevelWriter(leaf.maxRepetition(), repetitions),
              new LevelWriter(leaf.maxDefinition(), definitions),
              values);
      for (int row = 0; row < rows; ) {
        while (row < rows && values.length() < PAGE_BYTES) {
          int stop = (int) Math.min(rows, (long) row + step);
          shredder.add(row, stop);
          row = stop;
        }
        long count = shredder.levels();
        shredder.endPage();
        page.clear();
        putLevels(leaf.maxRepetition(), repetitions, page);
        putLevels(leaf.maxDefinition(), definitions, page);
        page.put(values.view(), 0, values.length());
        expanded += putPage(page, count, cell);
        levels += count;
        repetitions.clear();
        definitions.clear();
        values.clear();
      }
    }
    return new ColumnMetaData(
        leaf.type().physical(),
        List.of(Encoding.PLAIN, Encoding.RLE),
        leaf.names(),
        compression.codec(),
        levels,
        expanded,
        cell.length() - start,
        start);
  }

  private static void putLevels(int maxLevel, ByteSink levels, ByteSink page) {
    if (maxLevel > 0) {
      page.putInt((int) levels.length());
      page.put(levels.view(), 0, levels.length());
    }
  }

  /** Appends a page; returns its bytes if it were not compressed. */
  private long putPage(ByteSink page, long levels, ByteSink cell) {
    if (page.length() > Integer.MAX_VALUE / 2 || levels > Integer.MAX_VALUE) {
      throw new InvalidRequestException(
          "a few rows of a column have " + page.length() + " bytes, too many for Parquet");
    }
    try (ByteSink compressed = new ByteSink(allocator)) {
      int length = compression.compress(page.view(), compressed);
      CRC32 crc = new CRC32();
      ByteBuffer bytes = compressed.view().nioBuffer(0, length);
      crc.update(bytes);
      DataPageHeader data =
          new DataPageHeader((int) levels, Encoding.PLAIN, Encoding.RLE, Encoding.RLE);
      byte[] header =
          ParquetMetadata.header(
              new PageHeader(PageType.DATA_PAGE, (int) page.length(), length)
                  .setCrc((int) crc.getValue())
                  .setData_page_header(data));
      cell.put(header);
      cell.put(compressed.view(), 0, length);
      return header.length + page.length();
    }
  }
}
