// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

import java.util.List;
import java.util.OptionalLong;

/**
 * Decides when one producer looks at the log and when it tries to commit.
 *
 * <p>Its owner tells it everything that happened, in the order in which it happened to the owner,
 * and asks {@link #next} after each event. All times are nanoseconds of the owner's own clock,
 * whose zero means nothing; clocks of several producers are never compared. A clock that is set
 * back is taken to stand still.
 *
 * <p>Promises to the owner: {@link #next} returns no moment before {@code now}; while there is
 * data, it does not put off the next move for ever; memory does not grow with time. Promises
 * nothing about who wins: whatever a policy says, the log stays right, and only requests are
 * wasted.
 *
 * <p>Not thread-safe. Not shared among producers.
 */
public interface CommitPolicy {
  /**
   * What to do next, if nothing happens before.
   *
   * @param kind what
   * @param at when, not before {@code now}; {@link #NEVER} if only data can be a reason
   */
  record Move(Kind kind, long at) {
    /** A moment that does not come. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Two kinds of moves. */
    public enum Kind {
      /** Read the log to its tail, and tell {@link CommitPolicy#looked}. */
      LOOK,
      /** Put everything that is ready as one entry behind the known tail. */
      COMMIT
    }
  }

  /**
   * An entry of the log.
   *
   * @param version of it
   * @param producer who put it; empty if no producer did. Void entries count: they took a version
   */
  record Sighting(long version, String producer) {}

  /**
   * The log was read to its tail: each new entry was fetched, until one was missing.
   *
   * @param began when
   * @param ended when the answer came that there is no further entry
   * @param entries the new ones, in the order of versions, also one's own
   */
  default void looked(long began, long ended, List<Sighting> entries) {}

  /**
   * An attempt won its version.
   *
   * @param began when the put was sent
   * @param ended when it was answered
   */
  void won(long began, long ended);

  /** An attempt lost its version to somebody else's; a look at the log follows. */
  void lost(long began, long ended);

  /**
   * What to do next.
   *
   * @param now the time
   * @param readySince since when the oldest data waits for a commit; empty if there is none
   */
  Move next(long now, OptionalLong readySince);

  /** Nanoseconds between the last two attempts that won; empty if there were no two. */
  default OptionalLong interval() {
    return OptionalLong.empty();
  }
}
