// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import dev.lakestream.schema.Field;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;

/**
 * What the footer of a whole bundle tells tools that know only Parquet.
 *
 * @param fits whether it has the schema of the bundle
 * @param groups the row groups, in its order
 */
public record ParquetFileFooter(boolean fits, List<Group> groups) {
  /** Bytes after a footer: its length and the magic. */
  public static final int TAIL_BYTES = ParquetMetadata.TAIL_BYTES;

  /**
   * A row group.
   *
   * @param cell where the cell begins that it is one of, before which there is only a magic
   */
  public record Group(long cell, long rows) {}

  public ParquetFileFooter {
    groups = List.copyOf(groups);
  }

  /**
   * How long a footer is, by the last bytes of its file, in little-endian order.
   *
   * @throws MalformedParquetException if they are not those of a Parquet file
   */
  public static long length(ByteBuffer tail) {
    if (!ParquetMetadata.isMagic(tail.getInt(Integer.BYTES))) {
      throw new MalformedParquetException("it is no Parquet file");
    }
    return Integer.toUnsignedLong(tail.getInt(0));
  }

  /**
   * Reads one.
   *
   * @param fields of the cells
   * @param footer without its length and the magic
   * @throws MalformedParquetException if it is damaged
   */
  public static ParquetFileFooter read(List<Field> fields, byte[] footer) {
    FileMetaData metadata = ParquetMetadata.readFooter(footer);
    return new ParquetFileFooter(
        ParquetColumns.of(fields).isSchema(metadata.getSchema()),
        metadata.getRow_groups().stream().map(ParquetFileFooter::group).toList());
  }

  private static Group group(RowGroup group) {
    List<ColumnChunk> chunks = group.getColumns();
    if (chunks.isEmpty() || chunks.get(0).getMeta_data() == null) {
      throw new MalformedParquetException("it has a row group without columns");
    }
    long first = chunks.get(0).getMeta_data().getData_page_offset();
    return new Group(first - ParquetMetadata.MAGIC.length, group.getNum_rows());
  }
}
