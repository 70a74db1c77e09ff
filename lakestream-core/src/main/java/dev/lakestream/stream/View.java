// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.LogFold;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Verdict;
import dev.lakestream.snapshot.IndexRefs;
import dev.lakestream.snapshot.SegmentReader;
import dev.lakestream.snapshot.SnapshotIndex;
import dev.lakestream.snapshot.SnapshotLedger;
import dev.lakestream.snapshot.SnapshotRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A fold and the snapshot that it began with. Replaced as a whole: what fails half-way leaves the
 * former one as it was.
 *
 * @param began the version before the first entry of the stream
 * @param ids those of the commits of all entries that were folded since the snapshot
 */
record View(
    long began,
    Optional<SnapshotRoot> base,
    Optional<SnapshotLedger> ledger,
    SnapshotIndex index,
    LogFold fold,
    List<CondensedCommit> tail,
    List<Verdict> voids,
    List<UUID> ids) {
  static View of(Optional<SnapshotRoot> base, LogFold begun, SegmentReader segments) {
    Optional<SnapshotLedger> ledger = base.map(root -> new SnapshotLedger(root, segments));
    return new View(
        begun.state().version(),
        base,
        ledger,
        new SnapshotIndex(base.map(SnapshotRoot::index).orElseGet(IndexRefs::none), segments),
        base.map(root -> LogFold.resume(root.state(), ledger.orElseThrow())).orElse(begun),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>());
  }

  /** The same, going on from a newer snapshot that somebody wrote of what we have folded. */
  View rebased(SnapshotRoot root, SegmentReader segments) {
    long version = root.state().version();
    SnapshotLedger rootLedger = new SnapshotLedger(root, segments);
    return new View(
        began,
        Optional.of(root),
        Optional.of(rootLedger),
        new SnapshotIndex(root.index(), segments),
        fold.rebased(rootLedger, version),
        new ArrayList<>(tail.stream().filter(commit -> commit.version() > version).toList()),
        new ArrayList<>(
            voids.stream().filter(verdict -> verdict.entry().version() > version).toList()),
        new ArrayList<>(ids.subList((int) (version - baseVersion()), ids.size())));
  }

  StreamState state() {
    return fold.state();
  }

  long version() {
    return state().version();
  }

  long baseVersion() {
    return base.map(root -> root.state().version()).orElse(began);
  }

  Verdict apply(byte[] content) throws IOException {
    Verdict verdict;
    try {
      verdict = fold.apply(content);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    verdict.condensed().ifPresent(tail::add);
    if (!verdict.valid()) {
      voids.add(verdict);
    }
    ids.add(verdict.entry().id());
    return verdict;
  }

  /** Whether the entry of this version was folded since the snapshot. */
  boolean remembers(long version) {
    return version > baseVersion() && version <= version();
  }

  /** Why the entry of this version, folded since the snapshot, is void; empty if it is not. */
  Optional<String> voidReason(long version) {
    return voids.stream()
        .filter(verdict -> verdict.entry().version() == version)
        .findFirst()
        .flatMap(Verdict::problem);
  }

  /** Whether an entry that was folded since the snapshot is of this commit. */
  boolean holds(long version, UUID commit) {
    long index = version - baseVersion() - 1;
    return index >= 0 && index < ids.size() && ids.get((int) index).equals(commit);
  }

  /** All producers, by id. */
  List<ProducerState> producers() {
    return withFolded(ledger.map(SnapshotLedger::allProducers).orElse(List.of()));
  }

  /** Those that committed last, by id. */
  List<ProducerState> recentProducers() {
    return withFolded(ledger.map(SnapshotLedger::recentProducers).orElse(List.of()));
  }

  private List<ProducerState> withFolded(List<ProducerState> known) {
    Map<String, ProducerState> all = new TreeMap<>();
    known.forEach(producer -> all.put(producer.id(), producer));
    all.putAll(fold.folded().producers());
    return List.copyOf(all.values());
  }

  /** The commit that made a committed step visible. */
  CondensedCommit commitOf(long step) throws IOException {
    if (!tail.isEmpty() && step >= tail.get(0).before().steps()) {
      int low = 0;
      int high = tail.size() - 1;
      while (low < high) {
        int middle = (low + high + 1) >>> 1;
        if (tail.get(middle).before().steps() <= step) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return tail.get(low);
    }
    return index
        .find(step)
        .orElseThrow(
            () ->
                new CorruptObjectException(
                    StreamKeys.SNAPSHOTS.value(), "no index knows step " + step));
  }

  /** The mean time between the last commits; zero if there were not enough. */
  Duration commitInterval() {
    if (tail.size() < 2) {
      return Duration.ZERO;
    }
    int first = Math.max(0, tail.size() - 9);
    long span = tail.get(tail.size() - 1).time() - tail.get(first).time();
    return Duration.ofMillis(span / (tail.size() - 1 - first));
  }
}
