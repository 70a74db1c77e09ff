// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.StreamState;
import dev.lakestream.store.PutResult;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.UUID;

/**
 * Puts one entry behind the tail, as {@code docs/format.md} §7 says: if absent, and after an
 * unknown outcome the same bytes again until the version exists. Keeps invariant 5.
 *
 * <p>Must: throw {@link CommitOutcomeUnknownException}, and no other exception, once an entry may
 * have been written. Any other exception means that none was.
 */
final class LogAppender {
  private final LakeStream stream;
  private final CertainPut certainPut;

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

  /**
   * An entry that was put.
   *
   * @param folded whether the stream has folded it. If not, it was put into the past, or is in the
   *     snapshot that stands for its version: decide by what the producer's sequence is now
   * @param problem why it is void, if it was folded
   */
  record Appended(LogEntry entry, boolean folded, Optional<String> problem) {}

  /** Learns when the steps of an attempt happen; each follows the one before. */
  interface Witness {
    /** Does not care. */
    Witness NOBODY = new Witness() {};

    /** The put begins. */
    default void sends() {}

    /** The store said whether the version was free. */
    default void isAnswered() {}

    /** It is known whose the version is. */
    default void knows(boolean ours) {}

    /** The log was read to its tail. */
    default void looked() {}
  }

  LogAppender(LakeStream stream) {
    this.stream = stream;
    this.certainPut = new CertainPut(stream);
  }

  /**
   * Appends the entry, and tries again at once after each lost race; afterwards the stream is at
   * its tail.
   *
   * @param id of the commit, the same in all drafts
   */
  Appended append(UUID id, Draft draft) throws IOException {
    while (true) {
      Optional<Appended> appended = attempt(id, draft, Witness.NOBODY);
      if (appended.isPresent()) {
        return appended.get();
      }
    }
  }

  /**
   * Tries to append the entry at the known tail; afterwards the stream is at its tail.
   *
   * @param id of the commit, the same in all drafts
   * @return empty if somebody else has that version: nothing was written
   */
  Optional<Appended> attempt(UUID id, Draft draft, Witness witness) throws IOException {
    LogEntry entry = draft(draft);
    byte[] content = encode(entry);
    witness.sends();
    PutResult put = certainPut.put(StreamKeys.entry(entry.version()), content);
    witness.isAnswered();
    try {
      // One step, lest a snapshot by another thread takes the place of what we look for.
      synchronized (stream) {
        stream.refresh();
        boolean foldedAway = isFoldedAway(entry.version());
        boolean ours =
            put == PutResult.CREATED
                ? foldedAway || isInTheFold(entry.version(), id)
                : !foldedAway && isOurs(entry.version(), id);
        witness.knows(ours);
        witness.looked();
        if (foldedAway) {
          return Optional.of(new Appended(entry, false, Optional.empty()));
        }
        return ours
            ? Optional.of(new Appended(entry, true, stream.voidReason(entry.version())))
            : Optional.empty();
      }
    } catch (IOException | RuntimeException e) {
      throw CertainPut.unknown(
          "the entry of version "
              + entry.version()
              + " may be written, but the log could not be read to make sure",
          e);
    }
  }

  /**
   * Whether the version is below the horizon, or in a snapshot: what is there now says nothing of
   * what was there first. A sleeper may have put its entry where ours was.
   */
  private boolean isFoldedAway(long version) {
    return !stream.remembers(version);
  }

  /** By the commit, not by the producer: a former commit of the same one is not this commit. */
  private boolean isOurs(long version, UUID commit) {
    return stream.holds(version, commit);
  }

  /**
   * Another thread may have used the stream to fold that version while we were on our way to it,
   * and then it was removed: we have put ours into the past, where nobody will find it.
   */
  private boolean isInTheFold(long version, UUID commit) {
    return stream.holds(version, commit);
  }

  /** The draft sees the state that it is for, also when other threads use the stream. */
  private LogEntry draft(Draft draft) throws IOException {
    synchronized (stream) {
      while (true) {
        StreamState state = stream.state();
        try {
          LogEntry entry = draft.on(state);
          if (stream.state().equals(state)) {
            return entry;
          }
        } catch (UncheckedIOException e) {
          throw e.getCause();
        } catch (LakestreamException e) {
          // To look up a producer may have been to look further, if history was removed.
          if (stream.state().equals(state)) {
            throw e;
          }
        }
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
