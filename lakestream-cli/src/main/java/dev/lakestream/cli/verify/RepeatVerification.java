// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.verify;

import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.RepeatRange;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Looks whether entries that repeat steps take cells of those steps only ({@code docs/format.md}
 * §14): readers can't see that cheaply. Only of entries and steps that are still there.
 */
final class RepeatVerification {
  private final ObjectStore store;
  private final LakeStream stream;
  private final Findings findings;

  RepeatVerification(ObjectStore store, LakeStream stream, Findings findings) {
    this.store = store;
    this.stream = stream;
    this.findings = findings;
  }

  void run() throws IOException {
    long step = Math.max(stream.state().firstReadable(), stream.state().firstOwn());
    long last = -1;
    while (step < stream.state().nextStep()) {
      try {
        CommittedGroup group = stream.groupOf(step);
        if (group.version() != last) {
          last = group.version();
          Optional<RepeatRange> range = repeatOf(last);
          if (range.isPresent()) {
            verify(last, step, range.get());
          }
        }
        step = group.nextStep();
      } catch (LakestreamException e) {
        findings.fault("version " + last + ": " + e.getMessage());
        step++;
      }
    }
  }

  private Optional<RepeatRange> repeatOf(long version) throws IOException {
    ObjectKey key = StreamKeys.entry(version);
    try {
      LogEntry entry =
          EntryJson.decode(key.value(), version, store.get(key, Limits.SMALL_OBJECT_BYTES));
      return entry.repeat();
    } catch (ObjectNotFoundException e) {
      return Optional.empty();
    }
  }

  private void verify(long version, long from, RepeatRange range) throws IOException {
    findings.count("repeats", 1);
    if (range.from() < stream.state().firstReadable()) {
      findings.count("repeats_of_trimmed_steps", 1);
      return;
    }
    Set<Cell> there = new HashSet<>();
    for (long step = range.from(); step < range.to(); step++) {
      there.addAll(cells(step));
    }
    for (long step = from; step < stream.state().nextStep(); step++) {
      if (stream.groupOf(step).version() != version) {
        return;
      }
      if (!there.containsAll(cells(step))) {
        findings.fault(
            "step "
                + step
                + " of version "
                + version
                + " takes cells that are not in the steps ["
                + range.from()
                + ", "
                + range.to()
                + ") which it repeats");
      }
    }
  }

  private Set<Cell> cells(long step) throws IOException {
    Set<Cell> cells = new HashSet<>();
    for (CellSource source : stream.groupOf(step).sources(step)) {
      for (int slot = 0; slot < source.count(); slot++) {
        cells.add(new Cell(source.bundle().key(), source.bundleSlot() + slot, source.bundleStep()));
      }
    }
    return cells;
  }

  private record Cell(ObjectKey bundle, int slot, int step) {}
}
