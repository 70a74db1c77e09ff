// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.RunDirectory;
import org.apache.arrow.memory.ArrowBuf;

/** A run in memory as part of a range; closing it gives its share of the range back. */
record WholeRun(ArrowBuf bytes, RunDirectory directory) implements Run {
  @Override
  public ArrowBuf cell(int cell) {
    ArrowBuf part = bytes.slice(directory.start(cell), directory.cellLength(cell));
    part.getReferenceManager().retain();
    return part;
  }

  @Override
  public void close() {
    bytes.close();
  }
}
