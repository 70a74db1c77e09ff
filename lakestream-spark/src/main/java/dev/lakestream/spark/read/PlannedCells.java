// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.spark.place.Cut;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CommittedGroup;
import java.io.IOException;
import java.util.List;

/**
 * The cells that a read needs.
 *
 * @param steps that they are of
 * @param rows of whole steps as the index says, of others in proportion to their slots
 */
record PlannedCells(List<StreamPartition> partitions, long steps, long rows, long bytes) {
  /** All that a walk finds. */
  static PlannedCells all(StepWalk walk, long partitionBytes) throws IOException {
    return planned(walk, PartitionPlanner.ofLongRanges(partitionBytes), Long.MAX_VALUE);
  }

  /** The first ones that a walk finds, with as many rows for certain, or all if it has fewer. */
  static PlannedCells first(StepWalk walk, long partitionBytes, long wanted) throws IOException {
    return planned(walk, PartitionPlanner.ofShortRanges(partitionBytes), wanted);
  }

  /** The same, each partition where most of it is. */
  PlannedCells near(ObjectStore store) {
    return new PlannedCells(NearHosts.place(partitions, store), steps, rows, bytes);
  }

  private static PlannedCells planned(StepWalk walk, PartitionPlanner planner, long wanted)
      throws IOException {
    Sums sums = new Sums();
    walk.visit(
        (group, cut) -> {
          Cut needed = cut;
          if (cut.isOfWholeSteps()) {
            int steps = 0;
            while (steps < cut.steps() && sums.certain < wanted) {
              sums.certain += group.step(cut.firstStep() + steps).rows();
              steps++;
            }
            needed = Cut.whole(group, cut.firstStep(), cut.firstStep() + steps);
          }
          sums.add(group, needed);
          planner.add(group, needed);
          return sums.certain < wanted;
        });
    return new PlannedCells(planner.finish(), sums.steps, sums.rows, planner.bytes());
  }

  private static final class Sums {
    private long certain;
    private long steps;
    private long rows;
    private long lastStep = -1;

    private void add(CommittedGroup group, Cut cut) {
      for (long step = cut.firstStep(); step < cut.firstStep() + cut.steps(); step++) {
        rows += group.step(step).rows() * cut.slots() / group.slots();
        if (step > lastStep) {
          steps++;
          lastStep = step;
        }
      }
    }
  }
}
