// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.log.BundleFormat;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import java.util.List;

/** Where the cells of one step are. */
final class StepCells {
  private final long step;
  private final ObjectStore store;
  private final List<CellSource> sources;

  StepCells(StreamView view, CommittedGroup group, long step) {
    this.step = step;
    this.store = view.stream().storeOf(group);
    this.sources = group.sources(step);
  }

  /** The cell of a slot's piece. */
  CellAddress address(SlotName name) {
    CellSource source = source(name.slot());
    return new CellAddress(
        store,
        source.bundle(),
        name.piece(),
        source.bundleSlot() + name.slot() - source.slot(),
        source.bundleStep(),
        step);
  }

  /** What kind of file the cells of a slot are. */
  BundleFormat format(int slot) {
    return source(slot).bundle().format();
  }

  private CellSource source(int slot) {
    int low = 0;
    int high = sources.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (sources.get(middle).slot() <= slot) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return sources.get(low);
  }
}
