// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.verify;

import dev.lakestream.error.LakestreamException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a verification counted, and what it found wrong. Not thread-safe. */
final class Findings {
  /** So that a stream with every byte wrong does not fill the memory with reports of it. */
  private static final int MAX_FAULTS = 1000;

  private final Map<String, Long> counts = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();
  private long faultCount;

  void count(String what, long more) {
    counts.merge(what, more, Long::sum);
  }

  void fault(String what) {
    faultCount++;
    if (faults.size() < MAX_FAULTS) {
      faults.add(what);
    }
  }

  void fault(LakestreamException error) {
    fault(String.valueOf(error.getMessage()));
  }

  Map<String, Long> counts() {
    return counts;
  }

  List<String> faults() {
    return List.copyOf(faults);
  }

  /** All faults, also those that are not listed any more. */
  long faultCount() {
    return faultCount;
  }
}
