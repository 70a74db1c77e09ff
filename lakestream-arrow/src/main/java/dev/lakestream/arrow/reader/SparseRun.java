// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.log.BundleDescriptor;
import java.io.IOException;
import org.apache.arrow.memory.ArrowBuf;

/**
 * A run of which only the directory is in memory: because it is too large for one range, or because
 * just one of its cells is wanted. Each cell is fetched when it is asked for.
 *
 * @param start of the run in the bundle
 */
record SparseRun(RangeReader ranges, BundleDescriptor bundle, long start, RunDirectory directory)
    implements Run {
  @Override
  public ArrowBuf cell(int cell) throws IOException {
    return ranges.read(bundle, start + directory.start(cell), directory.cellLength(cell));
  }

  @Override
  public void close() {}
}
