// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.repeat;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.CellSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gathers steps and the bundles that they take into the content of a commit. */
public final class StepPart {
  private final List<BundleDescriptor> bundles = new ArrayList<>();
  private final Map<ObjectKey, Integer> numbers = new HashMap<>();
  private final List<StepGroup> groups = new ArrayList<>();

  /** Adds a step of these cells, slot by slot. */
  public void add(List<CellSource> sources, StepRecord record) {
    List<CellRange> ranges =
        sources.stream()
            .map(
                source ->
                    new CellRange(
                        number(source.bundle()),
                        source.bundleSlot(),
                        source.count(),
                        source.bundleStep()))
            .toList();
    groups.add(new StepGroup.CellGroup(ranges, record));
  }

  /** Adds all steps of a bundle as they are: readers fetch them as one range. */
  public void addWhole(BundleDescriptor bundle, List<StepRecord> records) {
    groups.add(new StepGroup.BundleGroup(number(bundle), records));
  }

  /** What was added so far. */
  public CommitContent.Inline content() {
    return new CommitContent.Inline(bundles, groups);
  }

  private int number(BundleDescriptor bundle) {
    int number =
        numbers.computeIfAbsent(
            bundle.key(),
            absent -> {
              bundles.add(bundle);
              return bundles.size() - 1;
            });
    if (!bundles.get(number).equals(bundle)) {
      throw new InvalidRequestException(
          "two commits say different things of "
              + bundle.key()
              + ", so their steps can't be repeated together: 'lakestream verify' tells more");
    }
    return number;
  }
}
