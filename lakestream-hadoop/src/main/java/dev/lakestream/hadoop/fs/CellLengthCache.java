// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.arrow.bundle.CellLengths;
import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long the cells of the bundles are that were asked for last. A bundle of one step costs no
 * request, any other one: its footer tells of all of its cells. Thread-safe.
 */
final class CellLengthCache {
  private static final int MAX_CELLS = 1 << 20;

  /** Above this a footer is not fetched: the directory of the one run is. */
  private static final long MAX_TAIL_BYTES = 32 << 20;

  private final Map<ObjectKey, CellLengths> known = new LinkedHashMap<>(16, 0.75f, true);
  private int cells;

  /** Bytes of a cell. */
  long length(CellAddress address) throws IOException {
    BundleDescriptor bundle = address.bundle();
    long tail = bundle.bytes() - CellLengths.tailStart(bundle);
    // The footer of a Parquet bundle tells of row groups, not of cells.
    boolean inFooter = bundle.format() == BundleFormat.ARROW && tail <= MAX_TAIL_BYTES;
    if (bundle.steps() > 1 && !inFooter) {
      return directory(address).cellLength(address.cell());
    }
    return lengths(address.store(), bundle, (int) tail).length(address.run(), address.cell());
  }

  /** The directory of the run that a cell is in, checked. */
  static RunDirectory directory(CellAddress address) throws IOException {
    int length = (int) Math.min(address.runLength(), address.directoryLength());
    try (Region region = address.store().read(address.bundle().key(), address.runStart(), length)) {
      return RunDirectory.decode(
          region.bytes(), address.bundle(), address.piece(), address.slot(), address.runLength());
    }
  }

  private CellLengths lengths(ObjectStore store, BundleDescriptor bundle, int tail)
      throws IOException {
    synchronized (this) {
      CellLengths found = known.get(bundle.key());
      if (found != null) {
        return found;
      }
    }
    CellLengths lengths = fetch(store, bundle, tail);
    keep(bundle.key(), lengths);
    return lengths;
  }

  private static CellLengths fetch(ObjectStore store, BundleDescriptor bundle, int tail)
      throws IOException {
    if (bundle.steps() == 1) {
      return CellLengths.ofOneStep(bundle);
    }
    try (Region region = store.read(bundle.key(), CellLengths.tailStart(bundle), tail)) {
      return CellLengths.decode(region.bytes(), bundle);
    }
  }

  private synchronized void keep(ObjectKey key, CellLengths lengths) {
    if (known.putIfAbsent(key, lengths) == null) {
      cells += lengths.cells();
    }
    Iterator<CellLengths> oldest = known.values().iterator();
    while (cells > MAX_CELLS && known.size() > 1) {
      cells -= oldest.next().cells();
      oldest.remove();
    }
  }
}
