// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.Verdict;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Reads the log on to its tail. Not thread-safe, but for {@link #watch}: the stream guards it.
 *
 * <p>Must: an entry counts only if no horizon above it shows up after it was read, and a missing
 * one is the tail only if it was not removed: a sleeper may wake up below the horizon ({@code
 * docs/format.md} §8).
 */
final class TailFollower {
  private final ObjectStore store;
  private final HistoryReader history;
  private final CurrentView current;
  private final List<Consumer<LogEntry>> watchers = new CopyOnWriteArrayList<>();

  TailFollower(ObjectStore store, HistoryReader history, CurrentView current) {
    this.store = store;
    this.history = history;
    this.current = current;
  }

  /** Tells of each entry that is found from now on, on the thread that looks. */
  Runnable watch(Consumer<LogEntry> watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /** Reads the log to its tail. */
  void refresh() throws IOException {
    follow(this::look);
  }

  /** As {@link #refresh}, but where there is no entry it may have been removed. */
  void glance() throws IOException {
    follow(this::lookBriefly);
  }

  private interface Looking {
    Look at(long next) throws IOException;
  }

  private void follow(Looking looking) throws IOException {
    current.lighten();
    boolean atTail = false;
    while (!atTail) {
      long next = current.state().version() + 1;
      Look look = looking.at(next);
      if (look.horizon() > next) {
        current.goOnFromHorizon(look.horizon());
      } else {
        atTail = fold(look.found()) && look.found().size() < LogReads.AT_ONCE;
      }
    }
  }

  /** Whether all of them could be folded; if not, a newer snapshot stands for them by now. */
  private boolean fold(List<byte[]> found) throws IOException {
    try {
      for (byte[] content : found) {
        Verdict verdict = current.apply(content);
        watchers.forEach(watcher -> watcher.accept(verdict.entry()));
      }
      return true;
    } catch (CorruptObjectException damage) {
      current.goOnFromNewer(damage);
      return false;
    }
  }

  /** Entries that follow, and the horizon as it was after they had been read. */
  private record Look(List<byte[]> found, long horizon) {}

  private Look look(long next) throws IOException {
    List<byte[]> found = LogReads.from(store, next);
    return new Look(found, history.snapshots().horizon());
  }

  /** As {@link #look}; that nothing was found may be wrong, that something was may not. */
  private Look lookBriefly(long next) throws IOException {
    List<byte[]> found = LogReads.from(store, next);
    return new Look(found, found.isEmpty() ? 0 : history.snapshots().horizon());
  }
}
