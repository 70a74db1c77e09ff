// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.store.PendingUpload;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a vacuum did and why the rest stays; for a dry run, what it would do.
 *
 * @param time by the store's clock, when it began
 * @param trim empty if none was asked for
 * @param firstReadable the first readable step afterwards
 * @param pins those that there were
 * @param staging what was staged and never became a step
 * @param abortedUploads unfinished uploads that stood still for too long
 * @param pendingUploads how many others there are
 */
public record VacuumReport(
    boolean dryRun,
    Instant time,
    Optional<TrimResult> trim,
    long firstReadable,
    PinListing pins,
    DataReport data,
    HistoryReport history,
    StagingReport staging,
    List<PendingUpload> abortedUploads,
    int pendingUploads,
    ProbeReport probes) {
  public VacuumReport {
    abortedUploads = List.copyOf(abortedUploads);
  }
}
