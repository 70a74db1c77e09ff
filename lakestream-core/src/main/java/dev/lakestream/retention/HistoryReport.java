// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import java.util.List;
import java.util.Optional;

/**
 * What a vacuum did to log, snapshots, segments and horizon, or would do.
 *
 * @param newHorizon the mark that was put
 * @param horizon the highest mark, that one included; 0 for none
 * @param deletedBelow what had a lower version went
 * @param brokenRoots why each of them is not intact; they went, unless there are not two others
 * @param note why not more could go; empty if all is well
 */
public record HistoryReport(
    Optional<Long> newHorizon,
    long horizon,
    long deletedBelow,
    long deletedEntries,
    long deletedRoots,
    long deletedSegments,
    long deletedBytes,
    List<String> brokenRoots,
    Optional<String> note) {
  public HistoryReport {
    brokenRoots = List.copyOf(brokenRoots);
  }
}
