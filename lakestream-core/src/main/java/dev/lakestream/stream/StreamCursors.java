// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.format.Digest;
import dev.lakestream.log.StreamState;
import dev.lakestream.reader.Cursor;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes the cursors of a stream, and refuses those of others and of other histories. A fork accepts
 * those of the streams that it is a fork of, from before it left them. Not thread-safe: the stream
 * guards it.
 */
final class StreamCursors {
  private final UUID stream;
  private final Digest beginning;
  private final CurrentView current;
  private final StepFinder steps;
  private final Optional<Ancestry> ancestry;

  StreamCursors(
      StreamIdentity identity, CurrentView current, StepFinder steps, Optional<Ancestry> ancestry) {
    this.stream = identity.document().id();
    this.beginning = identity.digest();
    this.current = current;
    this.steps = steps;
    this.ancestry = ancestry;
  }

  /** The cursor of a reader whose next step is this one. */
  Cursor at(long nextStep, long rules) throws IOException {
    if (ancestry.isPresent() && nextStep <= current.state().firstOwn()) {
      return ancestry.get().cursor(stream, nextStep, rules);
    }
    if (nextStep == 0) {
      return new Cursor(stream, 0, rules, beginning, Digest.ZERO);
    }
    CommittedGroup group = steps.groupOf(nextStep - 1);
    return new Cursor(stream, nextStep, rules, group.entry(), group.step(nextStep - 1).digest());
  }

  /** A cursor of an ancestor as one of this stream; its history is still to be checked. */
  Cursor adopt(Cursor cursor) throws IOException {
    if (cursor.stream().equals(stream)) {
      return cursor;
    }
    if (ancestry.isEmpty()) {
      throw new InvalidRequestException(
          "the cursor belongs to the stream " + cursor.stream() + ", this is " + stream);
    }
    return ancestry.get().adopt(stream, cursor);
  }

  /** Refuses a cursor of this stream whose history is another one, or whose steps are gone. */
  void check(Cursor cursor) throws IOException {
    StreamState state = current.state();
    if (cursor.nextStep() > state.nextStep()) {
      throw new InvalidRequestException(
          "the cursor's next step is "
              + cursor.nextStep()
              + ", the stream has "
              + state.nextStep()
              + " steps: it is of another history");
    }
    if (cursor.nextStep() < state.firstReadable()) {
      throw new StepUnavailableException(
          "the cursor's next step "
              + cursor.nextStep()
              + " was trimmed: the first readable step is "
              + state.firstReadable());
    }
    if (cursor.rules() > state.version()) {
      throw new InvalidRequestException(
          "the cursor's rules version is "
              + cursor.rules()
              + ", the stream is at version "
              + state.version()
              + ": it is of another history");
    }
    // The step before it may be gone, and with it what its digests could be compared with.
    boolean comparable = cursor.nextStep() == 0 || cursor.nextStep() > state.firstReadable();
    if (comparable && !cursor.equals(at(cursor.nextStep(), cursor.rules()))) {
      throw new InvalidRequestException(
          "the cursor does not fit: the digests of its last step "
              + (cursor.nextStep() - 1)
              + " are not those of the stream, whose history is another one");
    }
  }
}
