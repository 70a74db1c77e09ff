// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fork;

import dev.lakestream.log.StreamDocument;
import java.util.Optional;

/**
 * A name that is, or was, that of a fork.
 *
 * @param document of the fork; empty unless it is {@link State#LIVE}
 */
public record ForkListing(String name, State state, Optional<StreamDocument> document) {
  /** What has become of a fork. */
  public enum State {
    /** It can be opened. */
    LIVE,
    /** Nobody can read its {@code stream.json}. */
    DAMAGED,
    /** Only its pin is there: its maker died, or is still at work. Deleting it releases the pin. */
    UNFINISHED,
    /** It is deleted in part: delete it again. */
    HALF_DELETED,
    /** It is deleted; the name can't be used again. */
    DELETED
  }
}
