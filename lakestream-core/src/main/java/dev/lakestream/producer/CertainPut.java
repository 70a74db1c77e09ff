// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PutResult;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/**
 * A put-if-absent that is repeated with the same bytes until the store says what became of it.
 *
 * <p>Must: once one attempt was answered by nobody, never report a failure as if nothing had
 * happened, whatever the later attempts say; the first may have been carried out, or yet be.
 */
public final class CertainPut {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final LakeStream stream;

  /** Puts into the store of this stream; waits as its environment says. */
  public CertainPut(LakeStream stream) {
    this.stream = stream;
  }

  /**
   * Puts an object.
   *
   * @throws IOException if it was certainly not put
   * @throws CommitOutcomeUnknownException if the store did not say by the deadline
   */
  public PutResult put(ObjectKey key, byte[] content) throws IOException {
    try {
      return stream.store().putIfAbsent(key, content);
    } catch (OutcomeUnknownException e) {
      return putAgain(key, content, e);
    }
  }

  private PutResult putAgain(ObjectKey key, byte[] content, IOException first) {
    Instant begin = stream.environment().clock().instant();
    Duration paused = Duration.ZERO;
    Duration pause = FIRST_PAUSE;
    IOException last = first;
    while (true) {
      Duration waited = Duration.between(begin, stream.environment().clock().instant());
      if (waited.compareTo(DEADLINE) > 0 || paused.compareTo(DEADLINE) > 0) {
        throw unknown(
            "the store has not said for "
                + Math.max(waited.toSeconds(), paused.toSeconds())
                + " s whether "
                + key
                + " was written",
            last);
      }
      try {
        stream.environment().pause().forAbout(pause);
        paused = paused.plus(pause);
        return stream.store().putIfAbsent(key, content);
      } catch (IOException e) {
        last = e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw unknown("interrupted before the store said whether " + key + " was written", e);
      }
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }
  }

  /** The error for an entry that may or may not be in the log. */
  static CommitOutcomeUnknownException unknown(String what, Throwable cause) {
    CommitOutcomeUnknownException unknown =
        new CommitOutcomeUnknownException(
            what
                + "; it may be visible, or become so, therefore nothing was deleted: open the"
                + " producer again and it will find out from the log");
    unknown.initCause(cause);
    return unknown;
  }
}
