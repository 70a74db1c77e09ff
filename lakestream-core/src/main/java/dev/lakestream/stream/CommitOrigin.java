// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.ProducerState;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * What can still be told of the entry that made steps visible, beyond what the index keeps: the
 * entry itself, and where its producer stood in its own source before and after it. The log behind
 * the horizon goes, and this with it.
 *
 * @param home the stream that the entry is of: the one asked, or the ancestor that a fork has these
 *     steps from
 * @param entry empty if it was removed
 * @param stateBefore of the producer, before the entry; {@code ""} if it had not said any; empty if
 *     the log does not reach back so far any more
 * @param stateAfter likewise
 */
public record CommitOrigin(
    LakeStream home,
    Optional<LogEntry> entry,
    Optional<String> stateBefore,
    Optional<String> stateAfter) {

  /**
   * Reads the entry, folds the log up to it from the newest snapshot before it, and looks.
   *
   * @throws CorruptObjectException if the entry is not the one that the index means
   */
  public static CommitOrigin of(LakeStream stream, CommittedGroup group) throws IOException {
    LakeStream home =
        group.ancestor() == 0
            ? stream
            : LakeStream.open(stream.storeOf(group), stream.environment());
    ObjectKey key = StreamKeys.entry(group.version());
    byte[] content;
    try {
      content = home.store().get(key, Limits.SMALL_OBJECT_BYTES);
    } catch (ObjectNotFoundException e) {
      return new CommitOrigin(home, Optional.empty(), Optional.empty(), stateNow(home, group));
    }
    if (!Digest.of(content).equals(group.entry())) {
      throw new CorruptObjectException(
          key.value(), "its digest is " + Digest.of(content) + ", the index says " + group.entry());
    }
    LogEntry entry = EntryJson.decode(key.value(), group.version(), content);
    Optional<String> before = stateBefore(home, entry, group.producer().id());
    Optional<String> after = entry.state().or(() -> before).or(() -> stateNow(home, group));
    return new CommitOrigin(home, Optional.of(entry), before, after);
  }

  private static Optional<String> stateBefore(LakeStream home, LogEntry entry, String producer)
      throws IOException {
    HistoryReader history = new HistoryReader(home.store(), StreamIdentity.of(home.store()));
    try {
      View view = history.before(entry.version());
      return view.state().digest().equals(entry.prev())
          ? Optional.of(view.fold().producer(producer).map(ProducerState::state).orElse(""))
          : Optional.empty();
    } catch (ObjectNotFoundException | CorruptObjectException gone) {
      return Optional.empty(); // a vacuum leaves neither entries nor old roots as they were
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** What the producer says now, if it has not committed since. */
  private static Optional<String> stateNow(LakeStream home, CommittedGroup group) {
    return home.producer(group.producer().id())
        .filter(producer -> producer.version() == group.version())
        .map(ProducerState::state);
  }
}
