// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.store.ObjectStore;

/**
 * Where one cell is.
 *
 * @param store that its bundle lies in
 * @param slot as the bundle counts
 * @param cell which step of the bundle
 * @param step of the stream
 */
record CellAddress(
    ObjectStore store, BundleDescriptor bundle, int piece, int slot, int cell, long step) {
  int run() {
    return bundle.run(piece, slot);
  }

  /** Where the run begins in the bundle. */
  long runStart() {
    return bundle.runs().start(run());
  }

  long runLength() {
    return bundle.runs().start(run() + 1) - runStart();
  }

  int directoryLength() {
    return RunDirectory.length(bundle.steps());
  }
}
