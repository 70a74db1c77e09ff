// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import java.util.List;

/** One or more consecutive steps of a commit and where their cells are. */
public sealed interface StepGroup {
  /** What the log says of these steps, in order. */
  List<StepRecord> steps();

  /** All steps of one bundle as they are. */
  record BundleGroup(int bundle, List<StepRecord> steps) implements StepGroup {
    public BundleGroup {
      steps = List.copyOf(steps);
    }
  }

  /** One step of cells of one or several bundles; its slots are theirs in this order. */
  record CellGroup(List<CellRange> cells, StepRecord step) implements StepGroup {
    public CellGroup {
      cells = List.copyOf(cells);
    }

    @Override
    public List<StepRecord> steps() {
      return List.of(step);
    }
  }
}
