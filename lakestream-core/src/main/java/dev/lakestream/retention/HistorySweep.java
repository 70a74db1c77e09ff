// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.producer.CertainPut;
import dev.lakestream.snapshot.SnapshotAudit;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongFunction;

/**
 * Moves the horizon, and deletes the history below it once it has stood long enough: entries,
 * roots, and the segments that no root names any more.
 *
 * <p>A vacuum marks, a later one deletes, so that nobody who slept for less than the grace time
 * misses what it has just looked at. Whoever sleeps longer finds the mark ({@code docs/format.md}
 * §7, §8).
 */
final class HistorySweep {
  private final LakeStream stream;
  private final VacuumOptions options;
  private final VacuumListener listener;
  private final RootAudit audit;
  private final Set<ObjectKey> named = new HashSet<>();
  private final Set<Long> intact = new TreeSet<>();
  private final Map<Long, String> broken = new TreeMap<>();
  private long deletedBytes;

  HistorySweep(LakeStream stream, VacuumOptions options, VacuumListener listener) {
    this.stream = stream;
    this.options = options;
    this.listener = listener;
    this.audit = new RootAudit(stream);
  }

  HistoryReport run() throws IOException {
    Map<Long, ObjectInfo> roots = versioned(StreamKeys.SNAPSHOTS, StreamKeys::snapshot);
    List<Long> newestFirst = roots.keySet().stream().sorted(Comparator.reverseOrder()).toList();
    auditUntilTwoAreIntact(newestFirst);
    Map<Long, Instant> horizons = new TreeMap<>();
    versioned(StreamKeys.HORIZON, StreamKeys::horizon)
        .forEach((version, info) -> horizons.put(version, info.lastModified()));
    // What is deleted later than now is below a mark that is older still.
    Instant now = horizons.isEmpty() ? Instant.MIN : new StoreClock(stream).now();
    HistoryPlan plan = HistoryPlan.of(List.copyOf(intact), horizons, now, options.grace());
    plan.newHorizon().ifPresent(version -> horizons.put(version, now));
    if (plan.newHorizon().isPresent() && !options.dryRun()) {
      putHorizon(plan.newHorizon().get());
    }
    if (plan.deleteBelow() > 0) {
      auditKept(newestFirst, plan.deleteBelow());
    }
    return sweep(plan, roots, horizons.keySet().stream().reduce(0L, Math::max));
  }

  private HistoryReport sweep(HistoryPlan plan, Map<Long, ObjectInfo> roots, long horizon)
      throws IOException {
    long below = plan.deleteBelow();
    List<ObjectInfo> entries =
        below == 0
            ? List.of()
            : versioned(StreamKeys.LOG, StreamKeys::entry).entrySet().stream()
                .filter(entry -> entry.getKey() < below)
                .map(Map.Entry::getValue)
                .toList();
    // A broken root would be passed on: whoever opens with it folds the next one on its segments.
    List<ObjectInfo> oldRoots =
        roots.entrySet().stream()
            .filter(
                root ->
                    root.getKey() < below
                        || (plan.keptRoot().isPresent() && broken.containsKey(root.getKey())))
            .map(Map.Entry::getValue)
            .toList();
    List<ObjectInfo> segments = below == 0 ? List.of() : unnamedSegments(below);
    delete("delete log entries", entries);
    delete("delete snapshots", oldRoots);
    delete("delete index segments", segments);
    delete("delete marks of the horizon", marks(plan.oldHorizons()));
    return new HistoryReport(
        plan.newHorizon(),
        horizon,
        below,
        entries.size(),
        oldRoots.size(),
        segments.size(),
        deletedBytes,
        List.copyOf(broken.values()),
        note(plan, horizon));
  }

  private void auditUntilTwoAreIntact(List<Long> newestFirst) throws IOException {
    listener.begin("read snapshots", -1);
    for (long version : newestFirst) {
      if (intact.size() == 2) {
        return;
      }
      auditOne(version);
    }
  }

  /** Invariant 8: what a root that stays names, stays too. */
  private void auditKept(List<Long> newestFirst, long from) throws IOException {
    for (long version : newestFirst) {
      if (version >= from && !intact.contains(version) && !broken.containsKey(version)) {
        auditOne(version);
      }
    }
  }

  private void auditOne(long version) throws IOException {
    Optional<SnapshotAudit.Finding> finding = audit.audit(version);
    if (finding.isPresent()) {
      named.addAll(finding.get().named());
      if (finding.get().intact()) {
        intact.add(version);
      } else {
        broken.put(version, finding.get().problem().orElseThrow());
      }
    }
  }

  private List<ObjectInfo> unnamedSegments(long below) throws IOException {
    List<ObjectInfo> unnamed = new ArrayList<>();
    for (ObjectInfo info : stream.store().list(StreamKeys.SEGMENTS, Optional.empty())) {
      OptionalLong version = StreamKeys.segmentVersion(info.key());
      if (version.isPresent() && version.getAsLong() < below && !named.contains(info.key())) {
        unnamed.add(info);
      }
    }
    return unnamed;
  }

  private void putHorizon(long version) throws IOException {
    byte[] content =
        SealedJson.seal(
            SealedJson.object()
                .put("lakestream", Limits.FORMAT_VERSION)
                .put("stream", stream.id().toString())
                .put("version", version)
                .put("time", stream.environment().clock().millis()));
    try {
      new CertainPut(stream).put(StreamKeys.horizon(version), content);
    } catch (CommitOutcomeUnknownException e) {
      throw new IOException(
          "the store did not say whether "
              + StreamKeys.horizon(version)
              + " was written; nothing depends on it, vacuum again",
          e);
    }
  }

  private List<ObjectInfo> marks(List<Long> versions) {
    return versions.stream()
        .map(version -> new ObjectInfo(StreamKeys.horizon(version), 0, Instant.EPOCH))
        .toList();
  }

  private void delete(String what, List<ObjectInfo> objects) throws IOException {
    deletedBytes += objects.stream().mapToLong(ObjectInfo::size).sum();
    if (!options.dryRun() && !objects.isEmpty()) {
      listener.begin(what, objects.size());
      long done = 0;
      for (ObjectInfo info : objects) {
        stream.store().delete(info.key());
        listener.advance(++done);
      }
    }
  }

  /** The objects of a folder whose key is exactly the one of their version. */
  private Map<Long, ObjectInfo> versioned(ObjectKey folder, LongFunction<ObjectKey> keys)
      throws IOException {
    Map<Long, ObjectInfo> found = new TreeMap<>();
    for (ObjectInfo info : stream.store().list(folder, Optional.empty())) {
      OptionalLong version = StreamKeys.version(info.key());
      if (version.isPresent() && keys.apply(version.getAsLong()).equals(info.key())) {
        found.put(version.getAsLong(), info);
      }
    }
    return found;
  }

  private Optional<String> note(HistoryPlan plan, long horizon) {
    if (plan.keptRoot().isEmpty()) {
      return Optional.of(
          "there are "
              + intact.size()
              + " intact snapshots; two are needed before history can go, writers fold now and"
              + " then");
    }
    if (plan.deleteBelow() < horizon) {
      return Optional.of(
          "the horizon "
              + horizon
              + " must stand for "
              + options.grace()
              + ": what is below it goes at the next vacuum after that");
    }
    return Optional.empty();
  }
}
