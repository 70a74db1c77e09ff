// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.ForkOrigin;
import dev.lakestream.reader.Cursor;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/**
 * What a fork has of the stream above it: the steps before its first own one ({@code
 * docs/format.md} §13). Opens the parent when it is needed first, and then checks that it is the
 * one that was forked. Not thread-safe.
 */
final class Ancestry {
  private final ObjectStore store;
  private final Environment environment;
  private final ForkOrigin origin;
  private Optional<LakeStream> parent = Optional.empty();

  Ancestry(ObjectStore store, Environment environment, ForkOrigin origin) {
    this.store = store;
    this.environment = environment;
    this.origin = origin;
  }

  /** The parent, which has the history that the fork goes on from. */
  LakeStream parent() throws IOException {
    if (parent.isEmpty()) {
      LakeStream opened = open();
      check(opened);
      parent = Optional.of(opened);
    }
    return parent.get();
  }

  /** The group of a step before the first own one. */
  CommittedGroup groupOf(long step) throws IOException {
    try {
      return parent().groupOf(step).inForkFrom(origin.step());
    } catch (StepUnavailableException e) {
      throw new StepUnavailableException(
          e.getMessage() + " (of " + origin.parent() + ", which this stream is a fork of)");
    }
  }

  /** The cursor of the fork at a step that is not beyond its first own one. */
  Cursor cursor(UUID fork, long nextStep, long rules) throws IOException {
    if (nextStep == origin.step()) {
      return new Cursor(fork, nextStep, rules, origin.chain(), origin.digest());
    }
    Cursor inParent = parent().cursor(nextStep, rules);
    return new Cursor(fork, nextStep, rules, inParent.chain(), inParent.digest());
  }

  /**
   * A cursor of an ancestor as one of the fork; what it says of history is still to be checked.
   *
   * @throws InvalidRequestException if it is of no ancestor, or went on after the fork
   */
  Cursor adopt(UUID fork, Cursor cursor) throws IOException {
    Cursor inParent = cursor;
    if (!cursor.stream().equals(origin.parent())) {
      inParent = parent().adopt(cursor);
    }
    if (inParent.nextStep() > origin.step()) {
      throw new InvalidRequestException(
          "the cursor of "
              + cursor.stream()
              + " is at step "
              + cursor.nextStep()
              + ", this fork left it at step "
              + origin.step()
              + ": only a cursor up to there goes on here");
    }
    if (inParent.rules() > origin.version()) {
      throw new InvalidRequestException(
          "the cursor of "
              + cursor.stream()
              + " has rules version "
              + cursor.rules()
              + ", this fork left it at version "
              + origin.version()
              + ": what was skipped later is not skipped here");
    }
    return new Cursor(fork, cursor.nextStep(), cursor.rules(), cursor.chain(), cursor.digest());
  }

  private LakeStream open() throws IOException {
    ObjectStore above =
        store
            .parent()
            .orElseThrow(
                () ->
                    corrupt(
                        "it is a fork of "
                            + origin.parent()
                            + ", and "
                            + store.root()
                            + " is no folder forks/"
                            + origin.name()
                            + " below a stream"));
    try {
      return LakeStream.open(above, environment);
    } catch (StreamNotFoundException e) {
      throw corrupt("it is a fork of " + origin.parent() + ", which is not at " + above.root());
    }
  }

  private void check(LakeStream opened) throws IOException {
    if (!opened.id().equals(origin.parent())) {
      throw corrupt(
          "it is a fork of " + origin.parent() + ", the stream above it is " + opened.id());
    }
    if (opened.state().nextStep() < origin.step()) {
      throw corrupt(
          "it left "
              + origin.parent()
              + " at step "
              + origin.step()
              + ", which has "
              + opened.state().nextStep()
              + " steps");
    }
    boolean comparable =
        origin.step() == 0
            || (!origin.chain().equals(Digest.ZERO) && opened.firstReadable() < origin.step());
    if (comparable) {
      Cursor cursor = opened.cursor(origin.step(), -1);
      expect("chain", cursor.chain(), origin.chain());
      expect("digest", cursor.digest(), origin.digest());
    }
  }

  private void expect(String what, Digest parents, Digest ours) {
    if (!parents.equals(ours)) {
      throw corrupt(
          "it left "
              + origin.parent()
              + " at step "
              + origin.step()
              + " with "
              + what
              + " "
              + ours
              + ", the parent has "
              + parents
              + ": its history is another one");
    }
  }

  private static CorruptObjectException corrupt(String what) {
    return new CorruptObjectException(StreamKeys.STREAM.value(), what);
  }
}
