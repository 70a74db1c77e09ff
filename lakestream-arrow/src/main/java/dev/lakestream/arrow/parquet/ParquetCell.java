// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import java.util.Optional;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.RowGroup;

/**
 * A cell that is a Parquet file; the caller closes its bytes.
 *
 * @param bytes exactly those of the file
 * @param footerBytes of the footer at their end, with its length and the magic
 * @param group the file's only row group, with offsets in the cell; empty if it has no rows
 */
public record ParquetCell(ArrowBuf bytes, int footerBytes, Optional<RowGroup> group) {
  /** The row group as it is in a file in which the cell begins at a position. */
  static RowGroup moved(RowGroup group, long position) {
    RowGroup moved = group.deepCopy();
    moved.setFile_offset(group.getFile_offset() + position);
    for (ColumnChunk chunk : moved.getColumns()) {
      chunk.setFile_offset(chunk.getFile_offset() + position);
      chunk
          .getMeta_data()
          .setData_page_offset(chunk.getMeta_data().getData_page_offset() + position);
    }
    return moved;
  }
}
