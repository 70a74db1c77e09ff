// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.StreamState;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PutResult;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Puts one entry behind the tail, as {@code docs/format.md} §7 says: if absent, and after an
 * unknown outcome the same bytes again until the version exists. Keeps invariant 5.
 */
final class LogAppender {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration UNKNOWN_DEADLINE = Duration.ofMinutes(2);

  private final LakeStream stream;

  /** What an entry would be on this state; called anew for each version that is tried. */
  @FunctionalInterface
  interface Draft {
    /**
     * The entry as the next of this state.
     *
     * @throws dev.lakestream.error.LakestreamException if it must not be tried any more
     */
    LogEntry on(StreamState state);
  }

  LogAppender(LakeStream stream) {
    this.stream = stream;
  }

  /**
   * Appends the entry; afterwards the stream has folded it, valid or void.
   *
   * @param id of the commit, the same in all drafts
   * @return the version that it has, or empty if it was put and a horizon above it shows that it
   *     may have been put into the past: decide by the producer's sequence
   */
  Optional<Long> append(UUID id, Draft draft) throws IOException, InterruptedException {
    while (true) {
      StreamState state = stream.state();
      LogEntry entry = draft.on(state);
      if (putIfStillTail(id, entry)) {
        stream.refresh();
        return stream.remembers(entry.version()) ? Optional.of(entry.version()) : Optional.empty();
      }
      stream.refresh();
    }
  }

  /** Whether the entry of this version is ours. */
  private boolean putIfStillTail(UUID id, LogEntry entry) throws IOException, InterruptedException {
    byte[] content = encode(entry);
    ObjectKey key = StreamKeys.entry(entry.version());
    if (putUntilCertain(key, content) == PutResult.CREATED) {
      return true;
    }
    // Taken, perhaps by an attempt of ours that was answered by nobody.
    byte[] winner = stream.store().get(key, Limits.SMALL_OBJECT_BYTES);
    return EntryJson.decode(key.value(), entry.version(), winner).id().equals(id);
  }

  private PutResult putUntilCertain(ObjectKey key, byte[] content)
      throws IOException, InterruptedException {
    Instant begin = stream.environment().clock().instant();
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        return stream.store().putIfAbsent(key, content);
      } catch (OutcomeUnknownException e) {
        Duration waited = Duration.between(begin, stream.environment().clock().instant());
        if (waited.compareTo(UNKNOWN_DEADLINE) > 0) {
          CommitOutcomeUnknownException unknown =
              new CommitOutcomeUnknownException(
                  "the store has not said for "
                      + waited.toSeconds()
                      + " s whether "
                      + key
                      + " was written; it may become visible later, so nothing was deleted: open the"
                      + " producer again and it will find out from the log");
          unknown.initCause(e);
          throw unknown;
        }
        stream.environment().pause().forAbout(pause);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
      }
    }
  }

  /** What we write must be what any reader accepts: checked before it is put, not after. */
  private static byte[] encode(LogEntry entry) {
    byte[] content = EntryJson.encode(entry);
    if (content.length > Limits.SMALL_OBJECT_BYTES) {
      throw new InvalidRequestException(
          "the entry would have "
              + content.length
              + " bytes, at most "
              + Limits.SMALL_OBJECT_BYTES
              + ": fewer attachments or actions are wanted");
    }
    try {
      EntryJson.decode(StreamKeys.entry(entry.version()).value(), entry.version(), content);
    } catch (CorruptObjectException e) {
      throw new InvalidRequestException("the commit is not allowed: " + e.getMessage());
    }
    return content;
  }
}
