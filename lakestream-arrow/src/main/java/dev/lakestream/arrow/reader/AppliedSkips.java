// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.log.RecordedSkip;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The steps that a rules version leaves out, as ranges that do not overlap. Immutable. */
final class AppliedSkips {
  private final long[] starts;
  private final long[] ends;

  AppliedSkips(List<RecordedSkip> skips, long rules) {
    List<RecordedSkip> applied =
        skips.stream()
            .filter(skip -> skip.version() <= rules)
            .sorted(Comparator.comparingLong(RecordedSkip::from))
            .toList();
    long[] from = new long[applied.size()];
    long[] to = new long[applied.size()];
    int count = 0;
    for (RecordedSkip skip : applied) {
      if (count > 0 && to[count - 1] >= skip.from()) {
        to[count - 1] = Math.max(to[count - 1], skip.to());
      } else {
        from[count] = skip.from();
        to[count] = skip.to();
        count++;
      }
    }
    this.starts = Arrays.copyOf(from, count);
    this.ends = Arrays.copyOf(to, count);
  }

  /** The first step from this one on that is delivered. */
  long firstDelivered(long step) {
    int found = Arrays.binarySearch(starts, step);
    int before = found >= 0 ? found : -found - 2;
    return before < 0 ? step : Math.max(step, ends[before]);
  }
}
