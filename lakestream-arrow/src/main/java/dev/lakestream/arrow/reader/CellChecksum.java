// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.CellPlace;
import dev.lakestream.error.CorruptObjectException;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;

/** The comparison of a cell with the checksum in its directory. */
final class CellChecksum {
  private static final long CHUNK = 1 << 30;

  private CellChecksum() {}

  /**
   * Compares.
   *
   * @param crc to compute with
   * @throws CorruptObjectException if it is another one
   */
  static void verify(ArrowBuf cell, int expected, CRC32C crc, CellPlace place) {
    crc.reset();
    for (long offset = 0; offset < cell.capacity(); offset += CHUNK) {
      long length = Math.min(CHUNK, cell.capacity() - offset);
      crc.update(cell.nioBuffer(offset, (int) length));
    }
    if ((int) crc.getValue() != expected) {
      throw place.mismatch((int) crc.getValue(), expected);
    }
  }
}
