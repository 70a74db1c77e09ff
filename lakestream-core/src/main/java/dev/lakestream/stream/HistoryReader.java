// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.ForkOrigin;
import dev.lakestream.log.LogFold;
import dev.lakestream.log.StreamDocument;
import dev.lakestream.snapshot.SegmentReader;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.snapshot.Snapshots;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the snapshot that a fold begins with, and folds what is asked from it. Not thread-safe.
 *
 * <p>Must: pass over a root that names a damaged or missing segment as over one that is damaged
 * itself. A folder that slept for long may put a root late, when what it names has been removed.
 */
final class HistoryReader {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryReader.class);

  private final ObjectStore store;
  private final StreamIdentity identity;
  private final Snapshots snapshots;
  private final SegmentReader segments;

  /** Versions of roots that name damaged segments. */
  private final Set<Long> damagedRoots = new HashSet<>();

  HistoryReader(ObjectStore store, StreamIdentity identity) {
    StreamDocument document = identity.document();
    this.store = store;
    this.identity = identity;
    this.snapshots =
        new Snapshots(store, document.id(), document.fork().map(ForkOrigin::step).orElse(0L));
    this.segments = new SegmentReader(store, document.id());
  }

  Snapshots snapshots() {
    return snapshots;
  }

  SegmentReader segments() {
    return segments;
  }

  /** What a recent snapshot says, or the stream before its first entry if there is none. */
  View recent(long horizon) throws IOException {
    return from(snapshots.recent(horizon, FoldRhythm.OVERDUE), horizon);
  }

  /** What the newest snapshot says, or the stream before its first entry if there is none. */
  View newest(long horizon) throws IOException {
    return from(snapshots.newest(horizon), horizon);
  }

  private View from(Optional<SnapshotRoot> root, long horizon) {
    if (root.isEmpty() && horizon > 0) {
      throw new CorruptObjectException(
          StreamKeys.SNAPSHOTS.value(),
          "entries below version "
              + horizon
              + " were removed and no readable snapshot stands for them");
    }
    return from(root);
  }

  /**
   * The stream before the entry of this version, from the newest root below it.
   *
   * @throws CorruptObjectException if a segment that the root names is damaged or gone
   * @throws ObjectNotFoundException if an entry after the root is gone
   */
  View before(long version) throws IOException {
    View view = from(snapshots.newest(0, version - 1));
    LogReads.fold(store, view, version - 1);
    return view;
  }

  /** The same view from a newer snapshot, with less to keep; empty if there is none. */
  Optional<View> lighter(View reached) throws IOException {
    Optional<SnapshotRoot> root =
        snapshots
            .newest(reached.baseVersion() + 1, reached.version())
            .filter(found -> !damagedRoots.contains(found.state().version()));
    return root.isPresent() ? foldedAnew(root, reached) : Optional.empty();
  }

  /** The same view from another root than its own; empty if there is none that helps. */
  Optional<View> passOver(View damaged, CorruptObjectException damage) throws IOException {
    damagedRoots.add(damaged.baseVersion());
    long horizon = snapshots.horizon();
    List<Long> versions = new ArrayList<>(snapshots.versions());
    versions.removeIf(
        version ->
            version < horizon || version > damaged.version() || damagedRoots.contains(version));
    Collections.reverse(versions);
    List<Optional<SnapshotRoot>> candidates = new ArrayList<>();
    for (long version : versions) {
      snapshots.read(version).map(Optional::of).ifPresent(candidates::add);
    }
    if (horizon == 0) {
      candidates.add(Optional.empty());
    }
    for (Optional<SnapshotRoot> candidate : candidates) {
      Optional<View> other = foldedQuietly(candidate, damaged);
      if (other.isPresent()) {
        LOG.warn(
            "{}; the history was folded anew from version {}",
            damage.getMessage(),
            other.get().baseVersion());
        return other;
      }
    }
    return Optional.empty();
  }

  private Optional<View> foldedQuietly(Optional<SnapshotRoot> root, View reached)
      throws IOException {
    try {
      return foldedAnew(root, reached);
    } catch (CorruptObjectException | ObjectNotFoundException e) {
      LOG.debug("the snapshot {} does not help either: {}", root, e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Folds from a root, or from the beginning, to where a view got. The entries are fetched again,
   * so the chain of digests tells whether the root is of this history; empty if it is not.
   */
  private Optional<View> foldedAnew(Optional<SnapshotRoot> root, View reached) throws IOException {
    View other = from(root);
    LogReads.fold(store, other, reached.version());
    return other.state().equals(reached.state()) ? Optional.of(other) : Optional.empty();
  }

  private View from(Optional<SnapshotRoot> root) {
    return View.of(root, LogFold.begin(identity.document(), identity.digest()), segments);
  }
}
