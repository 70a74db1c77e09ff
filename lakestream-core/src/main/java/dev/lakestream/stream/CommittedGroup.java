// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Digest;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.log.Totals;
import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive committed steps whose cells are found the same way, with the commit that made them
 * visible.
 *
 * @param version of the entry
 * @param entry digest of its bytes, the chain value of a cursor
 * @param time of the commit, milliseconds since 1970
 * @param before totals of the stream before the group's first step
 * @param bundles those of the commit, that the group refers to
 * @param ancestor whose the steps are, and in whose store the bundles lie: 0 for the stream that
 *     was asked, 1 for the one that it is a fork of, and so on
 */
public record CommittedGroup(
    long version,
    Digest entry,
    long time,
    ProducerStamp producer,
    Totals before,
    StepGroup group,
    List<BundleDescriptor> bundles,
    int ancestor) {

  public long firstStep() {
    return before.steps();
  }

  /** The step after the last one. */
  public long nextStep() {
    return before.steps() + group.steps().size();
  }

  public boolean contains(long step) {
    return firstStep() <= step && step < nextStep();
  }

  /** What the log says of one of these steps. */
  public StepRecord step(long step) {
    return group.steps().get(index(step));
  }

  /** Totals of the stream before one of these steps. */
  public Totals before(long step) {
    return before.plus(Totals.of(group.steps().subList(0, index(step))));
  }

  /** Slots of each of these steps. */
  public int slots() {
    if (group instanceof StepGroup.CellGroup cells) {
      return cells.cells().stream().mapToInt(CellRange::count).sum();
    }
    return anyBundle().slots();
  }

  public int pieces() {
    return anyBundle().pieces();
  }

  /** Id of the schema of their cells. */
  public int schema() {
    return anyBundle().schema();
  }

  /** Whether one bundle holds these steps one after the other, with all of their slots. */
  public boolean isWholeBundle() {
    return group instanceof StepGroup.BundleGroup;
  }

  /** Where the cells of one step are, slot by slot. */
  public List<CellSource> sources(long step) {
    if (group instanceof StepGroup.CellGroup cells) {
      List<CellSource> sources = new ArrayList<>();
      int slot = 0;
      for (CellRange range : cells.cells()) {
        sources.add(
            new CellSource(
                bundles.get(range.bundle()), range.slot(), slot, range.count(), range.step()));
        slot += range.count();
      }
      return sources;
    }
    BundleDescriptor bundle = anyBundle();
    return List.of(new CellSource(bundle, 0, 0, bundle.slots(), index(step)));
  }

  /** The same steps as a fork of their stream has them: those before its first own one. */
  CommittedGroup inForkFrom(long firstOwn) {
    StepGroup kept = group;
    if (nextStep() > firstOwn && group instanceof StepGroup.BundleGroup whole) {
      kept =
          new StepGroup.BundleGroup(
              whole.bundle(), whole.steps().subList(0, index(firstOwn - 1) + 1));
    }
    return new CommittedGroup(version, entry, time, producer, before, kept, bundles, ancestor + 1);
  }

  private BundleDescriptor anyBundle() {
    if (group instanceof StepGroup.BundleGroup whole) {
      return bundles.get(whole.bundle());
    }
    return bundles.get(((StepGroup.CellGroup) group).cells().get(0).bundle());
  }

  private int index(long step) {
    if (!contains(step)) {
      throw new InvalidRequestException(
          "step " + step + " is not among [" + firstStep() + ", " + nextStep() + ")");
    }
    return (int) (step - firstStep());
  }
}
