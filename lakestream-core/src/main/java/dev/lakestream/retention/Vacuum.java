// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.store.PendingUpload;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Deletes what nobody needs any more (invariant 8), after a trim if one is wanted: data of steps
 * that are not readable, uploads that were never committed, history that snapshots stand for, what
 * looks at the store left behind.
 *
 * <p>May die at any point, and be done again; several at once do each other no harm. It never looks
 * at anything but the stream's own log, snapshots, segments, horizon, data, staging, pins and
 * probes: forks below {@code forks/} have vacuums of their own, and hold what they need here by
 * pins.
 *
 * <p>Memory: about 300 bytes for each object below {@code data/}, and the producers. The index is
 * walked through segment by segment. Not thread-safe. Advances the stream to its tail.
 */
public final class Vacuum {
  private final LakeStream stream;
  private final VacuumOptions options;
  private final VacuumListener listener;

  public Vacuum(LakeStream stream, VacuumOptions options, VacuumListener listener) {
    this.stream = stream;
    this.options = options;
    this.listener = listener;
  }

  /** As {@link #Vacuum(LakeStream, VacuumOptions, VacuumListener)} in silence. */
  public Vacuum(LakeStream stream, VacuumOptions options) {
    this(stream, options, VacuumListener.SILENT);
  }

  /**
   * Does it.
   *
   * @throws dev.lakestream.error.CorruptObjectException if a part of the index is damaged: then
   *     nobody can tell what is needed, and no data is deleted
   */
  public VacuumReport run() throws IOException, InterruptedException {
    try {
      return vacuum();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private VacuumReport vacuum() throws IOException, InterruptedException {
    Instant now = new StoreClock(stream).now();
    HistoryReport history = new HistorySweep(stream, options, listener).run();
    LakeStream sound = history.brokenRoots().isEmpty() ? stream : reopened();
    sound.refresh();
    Optional<TrimResult> trim = trim(sound, now);
    long firstReadable =
        Math.max(sound.state().firstReadable(), trim.map(TrimResult::reached).orElse(0L));
    DataReport data = new DataSweep(sound, options, listener, now).run(firstReadable);
    List<PendingUpload> pending = stream.store().pendingUploads();
    List<PendingUpload> aborted = abort(pending, now);
    return new VacuumReport(
        options.dryRun(),
        now,
        trim,
        firstReadable,
        new Pins(sound).list(),
        data,
        history,
        new StagingSweep(stream, options, now).run(),
        aborted,
        pending.size() - aborted.size(),
        new ProbeSweep(stream, options, listener).run(now));
  }

  /** The caller's stream may go on from a snapshot that turned out to be broken, and went. */
  private LakeStream reopened() throws IOException {
    return LakeStream.open(stream.store(), stream.environment());
  }

  private Optional<TrimResult> trim(LakeStream sound, Instant now)
      throws IOException, InterruptedException {
    if (options.trim().isEmpty()) {
      return Optional.empty();
    }
    listener.begin("trim", -1);
    long target = options.trim().get().step(sound, now);
    Trimming trimming = new Trimming(sound);
    return Optional.of(options.dryRun() ? trimming.plan(target) : trimming.to(target));
  }

  /**
   * Age is a reason here, as it is not for objects: an upload that is taken from under a writer
   * fails when it is finished, its key is fresh, and nothing can have named it.
   */
  private List<PendingUpload> abort(List<PendingUpload> pending, Instant now) throws IOException {
    List<PendingUpload> aborted = new ArrayList<>();
    for (PendingUpload upload : pending) {
      if (!upload.lastTouched().plus(options.uploadsAfter()).isAfter(now)) {
        if (!options.dryRun()) {
          stream.store().abort(upload);
        }
        aborted.add(upload);
      }
    }
    return aborted;
  }
}
