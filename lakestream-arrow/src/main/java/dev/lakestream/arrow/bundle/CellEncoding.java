// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.parquet.PageCompression;
import dev.lakestream.arrow.parquet.ParquetCellEncoder;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.schema.Field;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;

/** How vectors become cells of a format. */
interface CellEncoding {
  /** Vectors of so many rows as a cell, which may share their buffers until it is closed. */
  EncodedCell encode(List<FieldVector> vectors, int rows);

  /** That of a format. */
  static CellEncoding of(
      BundleFormat format,
      List<Field> columns,
      CellCompression compression,
      BufferAllocator allocator) {
    if (format == BundleFormat.ARROW) {
      return new CellEncoder(columns, compression, allocator);
    }
    PageCompression pages =
        switch (compression) {
          case NONE -> PageCompression.NONE;
          case LZ4 -> PageCompression.LZ4;
          case ZSTD -> PageCompression.ZSTD;
        };
    ParquetCellEncoder parquet = new ParquetCellEncoder(columns, pages, allocator);
    return (vectors, rows) -> new EncodedCell(parquet.encode(vectors, rows), rows);
  }
}
