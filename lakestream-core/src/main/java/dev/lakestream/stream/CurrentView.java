// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Verdict;
import dev.lakestream.snapshot.SnapshotRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The view that a stream is at. It becomes another one when history was removed that it goes on
 * from, when a snapshot stands for what it keeps, and when a segment of its snapshot turns out to
 * be damaged or gone. Never goes back. Not thread-safe: the stream guards it.
 */
final class CurrentView {
  private static final Logger LOG = LoggerFactory.getLogger(CurrentView.class);

  /** Entries after which a follower looks for a snapshot, so as not to keep all that it saw. */
  private static final int KEPT_ENTRIES = 1024;

  private final HistoryReader history;
  private View view;
  private long lightenAt = KEPT_ENTRIES;
  private long generation;

  /** Begins with a recent snapshot, or with the first entry if there is none. */
  CurrentView(HistoryReader history) throws IOException {
    this.history = history;
    this.view = history.recent(history.snapshots().horizon());
  }

  View get() {
    return view;
  }

  StreamState state() {
    return view.state();
  }

  /** How often history was folded anew: what was looked up before may have been said otherwise. */
  long generation() {
    return generation;
  }

  /** Entries folded since the snapshot that the view goes on from. */
  long entriesSinceSnapshot() {
    return view.version() - view.baseVersion();
  }

  /** Goes on from the newest snapshot, as entries below the horizon may be gone. */
  void goOnFromHorizon(long horizon) throws IOException {
    become(history.newest(horizon));
  }

  /** Goes on from a snapshot of something that was folded; keeps the view if it has a newer one. */
  void goOnFrom(SnapshotRoot root) {
    long version = root.state().version();
    if (version > view.baseVersion() && version <= view.version()) {
      view = view.rebased(root, history.segments());
      lightenAt = KEPT_ENTRIES;
    }
  }

  /** Lets go of what a follower has kept for long, so that its memory does not grow for ever. */
  void lighten() {
    if (entriesSinceSnapshot() >= lightenAt) {
      lightenAt = entriesSinceSnapshot() + KEPT_ENTRIES;
      lightenBy(KEPT_ENTRIES);
    }
  }

  /**
   * Lets go of entries for which a snapshot stands by now. Never fails.
   *
   * @param entries look for a snapshot only if so many entries were folded
   */
  void lightenBy(long entries) {
    if (entriesSinceSnapshot() < entries) {
      return;
    }
    try {
      history.lighter(view).ifPresent(this::become);
    } catch (IOException | RuntimeException e) {
      LOG.warn("a newer snapshot was not used: {}", e.getMessage());
    }
  }

  private void become(View other) {
    view = other;
    generation++;
    lightenAt = Math.max(KEPT_ENTRIES, 2 * entriesSinceSnapshot());
  }

  /** Something that may have to fetch a segment that the snapshot names. */
  @FunctionalInterface
  interface Lookup<T> {
    T run() throws IOException;
  }

  /**
   * Looks something up; if a segment turns out to be damaged, or to be gone because its folder
   * slept for too long, the history is folded anew from another root that stands for it.
   */
  <T> T lookUp(Lookup<T> lookup) throws IOException {
    while (true) {
      try {
        return lookup.run();
      } catch (CorruptObjectException damage) {
        passOver(view, damage);
      }
    }
  }

  /**
   * As {@link #lookUp}, for those who promise no {@link IOException}.
   *
   * @throws UncheckedIOException if a segment could not be fetched
   */
  <T> T lookUpUnchecked(Lookup<T> lookup) {
    try {
      return lookUp(lookup);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Folds the next entry; the verdict may need a segment, as any lookup. */
  Verdict apply(byte[] content) throws IOException {
    while (true) {
      try {
        return view.apply(content);
      } catch (CorruptObjectException damage) {
        if (!passedOver(damage)) {
          throw damage;
        }
      }
    }
  }

  /**
   * Goes on from another snapshot than the one that names a damaged segment, or one that was
   * removed while its holder slept. If only newer ones are left, that is a look further.
   *
   * @param damaged the view in which the damage was seen
   * @throws CorruptObjectException the damage, if it is none of a segment of a snapshot, or if no
   *     other snapshot helps
   */
  void passOver(View damaged, CorruptObjectException damage) throws IOException {
    if (view.baseVersion() != damaged.baseVersion()) {
      checkIsOfSnapshot(damage); // another thread has passed over it
    } else if (!passedOver(damage)) {
      goOnFromNewer(damage);
    }
  }

  /** Whether there was another snapshot that says the same. */
  private boolean passedOver(CorruptObjectException damage) throws IOException {
    checkIsOfSnapshot(damage);
    Optional<View> other = history.passOver(view, damage);
    other.ifPresent(this::become);
    return other.isPresent();
  }

  /**
   * What we go on from was removed since the last look if the horizon is above it; then a newer
   * snapshot stands for it.
   *
   * @throws CorruptObjectException the damage, if it is real
   */
  void goOnFromNewer(CorruptObjectException damage) throws IOException {
    checkIsOfSnapshot(damage);
    long horizon = history.snapshots().horizon();
    if (horizon <= view.baseVersion()) {
      throw damage;
    }
    View newer = history.newest(horizon);
    if (newer.version() <= view.version()) {
      throw damage;
    }
    become(newer);
  }

  private static void checkIsOfSnapshot(CorruptObjectException damage) {
    if (!damage.object().startsWith(StreamKeys.SEGMENTS + "/")) {
      throw damage;
    }
  }
}
