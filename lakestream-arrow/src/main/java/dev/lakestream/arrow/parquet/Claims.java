// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

/** What one cell may take of memory, so that a few bytes can't claim all of it. */
final class Claims {
  private long left;

  Claims(long most) {
    this.left = most;
  }

  void take(long bytes) {
    left -= bytes;
    if (bytes < 0 || left < 0) {
      throw new MalformedParquetException(
          "its values claim more than " + ParquetCellDecoder.MAX_EXPANDED_BYTES + " bytes");
    }
  }
}
