// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.arrow.parquet.ParquetCellDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** The rows of a {@link StreamOnDisk} in a Parquet file, as plain values. */
final class ParquetFiles {
  private ParquetFiles() {}

  static List<List<Object>> rows(byte[] file, BufferAllocator allocator) {
    ParquetCellDecoder decoder =
        new ParquetCellDecoder(StreamOnDisk.SCHEMA.fields(), Set.of("tokens", "name"), allocator);
    try (ArrowBuf bytes = allocator.buffer(file.length)) {
      bytes.setBytes(0, file);
      List<List<Object>> rows = new ArrayList<>();
      for (int count = 0; count < 4; count++) {
        // The length is not told; the file refuses all but its own.
        try (VectorSchemaRoot root = decoder.decode(bytes.slice(0, file.length), count)) {
          for (int row = 0; row < count; row++) {
            rows.add(
                List.of(
                    root.getVector("tokens").getObject(row),
                    String.valueOf(root.getVector("name").getObject(row))));
          }
          return rows;
        } catch (dev.lakestream.arrow.parquet.MalformedParquetException e) {
          rows.clear();
        }
      }
      throw new AssertionError("the file has none of 0 to 3 rows");
    }
  }
}
