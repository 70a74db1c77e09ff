// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.LogFold;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds the log into snapshots, now and then and in the background. Harmless at any time, by
 * anybody, and by several at once. Thread-safe.
 *
 * <p>Must: not hold the stream while it writes, for nobody is to wait for a folder.
 */
final class LogFolder {
  private static final Logger LOG = LoggerFactory.getLogger(LogFolder.class);

  private final ObjectStore store;
  private final UUID stream;
  private final Environment environment;
  private final HistoryReader history;
  private final CurrentView current;
  private final Object guard;
  private final AtomicBoolean folding = new AtomicBoolean();

  /**
   * @param guard the monitor that guards the view
   */
  LogFolder(
      ObjectStore store,
      UUID stream,
      Environment environment,
      HistoryReader history,
      CurrentView current,
      Object guard) {
    this.store = store;
    this.stream = stream;
    this.environment = environment;
    this.history = history;
    this.current = current;
    this.guard = guard;
  }

  /** Folds the log up to the last look. */
  void writeSnapshot() throws IOException {
    while (true) {
      View now;
      LogFold.Folded folded;
      List<CondensedCommit> tail;
      synchronized (guard) {
        now = current.get();
        folded = now.fold().folded();
        tail = List.copyOf(now.tail());
      }
      if (folded.state().version() == now.baseVersion()) {
        return;
      }
      try {
        write(now.base(), folded, tail);
        return;
      } catch (CorruptObjectException damage) {
        synchronized (guard) {
          current.passOver(now, damage);
        }
      }
    }
  }

  private void write(Optional<SnapshotRoot> base, LogFold.Folded folded, List<CondensedCommit> tail)
      throws IOException {
    SnapshotWriter writer = new SnapshotWriter(store, stream, environment.uuids());
    Optional<SnapshotRoot> root = writer.write(base, folded, tail);
    if (root.isEmpty()) {
      // If another folder was faster, its segments are those that are kept.
      root = history.snapshots().read(folded.state().version());
    }
    if (root.filter(written -> written.state().equals(folded.state())).isPresent()) {
      synchronized (guard) {
        current.goOnFrom(root.get());
      }
    }
  }

  /** Folds in the background if the one who committed this version is to. Never fails or waits. */
  void foldNowAndThen(long committed) {
    if (FoldRhythm.isDue(committed, entriesSinceSnapshot()) && folding.compareAndSet(false, true)) {
      try {
        environment.background().execute(this::foldQuietly);
      } catch (RejectedExecutionException e) {
        folding.set(false);
        LOG.debug("nobody folds the log now: {}", e.getMessage());
      }
    }
  }

  private void foldQuietly() {
    try {
      synchronized (guard) {
        current.lightenBy(FoldRhythm.EVERY);
      }
      if (entriesSinceSnapshot() >= FoldRhythm.EVERY / 2) {
        writeSnapshot();
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("the log was not folded, somebody else will: {}", e.getMessage());
    } finally {
      folding.set(false);
    }
  }

  private long entriesSinceSnapshot() {
    synchronized (guard) {
      return current.entriesSinceSnapshot();
    }
  }
}
