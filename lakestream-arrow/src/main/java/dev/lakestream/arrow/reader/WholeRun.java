// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.RunDirectory;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;

/**
 * A run in memory as part of a range; closing it gives its share of the range back.
 *
 * @param bytes of the run
 * @param range the whole range, of all its runs; its position means nothing
 * @param start of the run in the range
 */
record WholeRun(ArrowBuf bytes, ByteBuffer range, int start, RunDirectory directory)
    implements Run {
  @Override
  public ArrowBuf cell(int cell) {
    ArrowBuf part = bytes.slice(directory.start(cell), directory.cellLength(cell));
    part.getReferenceManager().retain();
    return part;
  }

  /** Where a cell begins; valid until this is closed. */
  long address(int cell) {
    return bytes.memoryAddress() + directory.start(cell);
  }

  /** The checksum of a cell, as it is. Allocates nothing. */
  int checksum(int cell, CRC32C crc) {
    int from = start + (int) directory.start(cell);
    range.limit(from + (int) directory.cellLength(cell)).position(from);
    crc.reset();
    crc.update(range);
    range.clear();
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    bytes.close();
  }
}
