// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;

/** What the footer of a cell says, after it was checked against schema, rows and bytes. */
final class ParquetCellFooter {
  /** The bytes of a leaf in the cell. */
  record Chunk(ColumnMetaData metadata) {
    long start() {
      return metadata.getData_page_offset();
    }

    long length() {
      return metadata.getTotal_compressed_size();
    }
  }

  private final List<Chunk> chunks;

  private ParquetCellFooter(List<Chunk> chunks) {
    this.chunks = chunks;
  }

  /** The bytes of a leaf; only of a cell that has rows. */
  Chunk chunk(int leaf) {
    return chunks.get(leaf);
  }

  /** Reads and checks the footer of a whole cell. */
  static ParquetCellFooter read(ParquetColumns columns, ArrowBuf cell, int rows) {
    if (cell.capacity() < ParquetMetadata.MAGIC.length
        || !ParquetMetadata.isMagic(cell.getInt(0))) {
      throw new MalformedParquetException("it is no Parquet file");
    }
    return read(columns, cell, cell.capacity(), rows);
  }

  /** Reads and checks the footer of a cell of which the end is given. */
  static ParquetCellFooter read(ParquetColumns columns, ArrowBuf tail, long cellLength, int rows) {
    long length = length(tail, cellLength);
    long start = tail.capacity() - ParquetMetadata.TAIL_BYTES - length;
    byte[] footer = new byte[(int) length];
    tail.getBytes(start, footer);
    long end = cellLength - ParquetMetadata.TAIL_BYTES - length;
    return check(columns, ParquetMetadata.readFooter(footer), rows, end);
  }

  /** How long the footer is, without its tail, by the end of a cell. */
  static long length(ArrowBuf tail, long cellLength) {
    long end = tail.capacity() - ParquetMetadata.TAIL_BYTES;
    if (end < 0 || !ParquetMetadata.isMagic(tail.getInt(end + Integer.BYTES))) {
      throw new MalformedParquetException("it is no Parquet file");
    }
    long length = Integer.toUnsignedLong(tail.getInt(end));
    if (length > cellLength - ParquetMetadata.TAIL_BYTES - ParquetMetadata.MAGIC.length) {
      throw new MalformedParquetException("its footer of " + length + " bytes is not inside of it");
    }
    return length;
  }

  private static ParquetCellFooter check(
      ParquetColumns columns, FileMetaData metadata, int rows, long end) {
    if (!columns.isSchema(metadata.getSchema())) {
      throw new MalformedParquetException("its footer has another schema");
    }
    List<RowGroup> groups = metadata.getRow_groups();
    if (metadata.getNum_rows() != rows || groups.size() != (rows == 0 ? 0 : 1)) {
      throw new MalformedParquetException(
          "its footer says "
              + metadata.getNum_rows()
              + " rows in "
              + groups.size()
              + " row groups, the directory "
              + rows
              + " rows");
    }
    if (rows == 0) {
      return new ParquetCellFooter(List.of());
    }
    List<ColumnChunk> found = groups.get(0).getColumns();
    if (groups.get(0).getNum_rows() != rows || found.size() != columns.leaves().size()) {
      throw new MalformedParquetException("its row group has other rows or columns");
    }
    List<Chunk> chunks = new ArrayList<>();
    for (int leaf = 0; leaf < found.size(); leaf++) {
      chunks.add(chunk(columns.leaves().get(leaf), found.get(leaf), end));
    }
    return new ParquetCellFooter(chunks);
  }

  private static Chunk chunk(ParquetLeaf leaf, ColumnChunk found, long end) {
    ColumnMetaData metadata = found.getMeta_data();
    if (metadata == null || found.isSetFile_path() || found.isSetCrypto_metadata()) {
      throw new MalformedParquetException("column '" + leaf.path() + "' is not in its file");
    }
    if (metadata.getType() != leaf.type().physical() || metadata.isSetDictionary_page_offset()) {
      throw new MalformedParquetException(
          "column '" + leaf.path() + "' is of another type, or has a dictionary");
    }
    long start = metadata.getData_page_offset();
    long length = metadata.getTotal_compressed_size();
    if (start < ParquetMetadata.MAGIC.length || length < 0 || start > end || length > end - start) {
      throw new MalformedParquetException(
          "column '" + leaf.path() + "' has " + length + " bytes at " + start + ", outside of it");
    }
    return new Chunk(metadata);
  }
}
