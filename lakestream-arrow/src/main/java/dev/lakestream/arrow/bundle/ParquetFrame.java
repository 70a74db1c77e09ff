// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.parquet.ParquetFileFrame;
import dev.lakestream.schema.Field;
import java.nio.ByteBuffer;
import java.util.List;

/** What makes runs a Parquet file. */
final class ParquetFrame implements BundleFrame {
  private final ParquetFileFrame frame;

  ParquetFrame(List<Field> columns) {
    this.frame = new ParquetFileFrame(columns);
  }

  @Override
  public ByteBuffer head() {
    return ByteBuffer.wrap(frame.head());
  }

  @Override
  public void addCell(long position, EncodedCell cell) {
    frame.addCell(position, cell.parquet().orElseThrow());
  }

  @Override
  public ByteBuffer tail() {
    return ByteBuffer.wrap(frame.tail());
  }
}
