// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import java.io.IOException;
import java.time.Duration;

/**
 * Says how many steps a producer may make visible now. What makes it say so is none of a session's
 * business: that readers are far behind, say.
 *
 * <p>A producer that is held back loses nothing: what it has uploaded waits. Commits without steps
 * are never held back.
 *
 * <p>Asked on the thread that commits, with nobody else using the session's stream; it may advance
 * that. Must not wait by itself. Not shared among producers.
 */
@FunctionalInterface
public interface CommitGate {
  /** Lets everything pass. */
  CommitGate OPEN = () -> Room.UNLIMITED;

  /**
   * How much may be committed now.
   *
   * @throws IOException if that can't be found out: the commit is not made, and may be tried again
   */
  Room room() throws IOException;

  /**
   * What may be committed. A commit that does not fit is made all the same where there is any room,
   * since it can't be divided.
   *
   * @param askAgain if there is none, after what time it is worth asking again; positive
   */
  record Room(long steps, long bytes, Duration askAgain) {
    /** No limit. */
    public static final Room UNLIMITED = new Room(Long.MAX_VALUE, Long.MAX_VALUE, Duration.ZERO);

    /** No room at all. */
    public static Room none(Duration askAgain) {
      return new Room(0, 0, askAgain);
    }

    /** Whether nothing may be committed. */
    public boolean isNone() {
      return steps <= 0 || bytes <= 0;
    }
  }
}
