// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.log.RecordedSkip;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The steps that a rules version leaves out, as ranges that do not overlap. Immutable. */
final class AppliedSkips {
  private final TreeMap<Long, Long> ends = new TreeMap<>();

  AppliedSkips(List<RecordedSkip> skips, long rules) {
    skips.stream()
        .filter(skip -> skip.version() <= rules)
        .sorted(Comparator.comparingLong(RecordedSkip::from))
        .forEach(this::add);
  }

  private void add(RecordedSkip skip) {
    Map.Entry<Long, Long> before = ends.floorEntry(skip.from());
    if (before != null && before.getValue() >= skip.from()) {
      ends.put(before.getKey(), Math.max(before.getValue(), skip.to()));
    } else {
      ends.put(skip.from(), skip.to());
    }
  }

  /** The first step from this one on that is delivered. */
  long firstDelivered(long step) {
    Map.Entry<Long, Long> skip = ends.floorEntry(step);
    return skip == null ? step : Math.max(step, skip.getValue());
  }
}
