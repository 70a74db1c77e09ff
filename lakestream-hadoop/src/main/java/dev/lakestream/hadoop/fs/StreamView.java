// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.StreamState;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Optional;

/**
 * A stream as of one version: what is committed later is not in it, and what was trimmed when it
 * was opened is not, either. Its steps are those of all readers; skips are for them to apply.
 *
 * <p>Thread-safe.
 */
final class StreamView {
  private final ObjectStore live;
  private final LakeStream stream;
  private final StreamState state;
  private final long firstReadable;

  /** A view; {@code live} is the store that shows the stream as it is now. */
  private StreamView(ObjectStore live, LakeStream stream, long firstReadable) {
    this.live = live;
    this.stream = stream;
    this.state = stream.state();
    this.firstReadable = firstReadable;
  }

  /** The newest view. */
  static StreamView newest(ObjectStore store, Environment environment) throws IOException {
    LakeStream stream = LakeStream.open(store, environment);
    return new StreamView(store, stream, stream.firstReadable());
  }

  /**
   * The view of a version.
   *
   * @param newest what was trimmed there is trimmed here
   * @throws FileNotFoundException if the stream has no such version, or its entries are gone
   */
  static StreamView asOf(
      ObjectStore store, Environment environment, long version, StreamView newest)
      throws IOException {
    AsOfStore then = new AsOfStore(store, version);
    if (version > newest.state.version()) {
      throw new FileNotFoundException(
          "there is no version "
              + version
              + " in this view of "
              + store.root()
              + ", which ends with "
              + newest.state.version());
    }
    then.requireAboveHorizon();
    LakeStream stream = LakeStream.open(then, environment);
    then.requireAboveHorizon();
    if (stream.state().version() != version) {
      throw new FileNotFoundException(
          "there is no version " + version + " of " + store.root() + ", which began later");
    }
    return new StreamView(store, stream, Math.max(stream.firstReadable(), newest.firstReadable));
  }

  /** The store that shows the stream as it is now, whatever the version of this view. */
  ObjectStore live() {
    return live;
  }

  LakeStream stream() {
    return stream;
  }

  StreamState state() {
    return state;
  }

  long firstReadable() {
    return firstReadable;
  }

  /** The step after the last one. */
  long nextStep() {
    return state.nextStep();
  }

  boolean contains(long step) {
    return firstReadable <= step && step < nextStep();
  }

  /** The group of a step of this view; it may go on beyond the view's ends. */
  CommittedGroup groupOf(long step) throws IOException {
    return stream.groupOf(step);
  }

  /** The commit of a step of this view. */
  CondensedCommit commitOf(long step) throws IOException {
    return stream.commitOf(step);
  }

  /** The first step that a commit has in this view. */
  long firstStepOf(CondensedCommit commit) {
    return Math.max(firstReadable, commit.before().steps());
  }

  /** The step after the last one that a commit has in this view: a fork may have cut it. */
  long nextStepOf(CondensedCommit commit) {
    boolean cut = commit.before().steps() < state.firstOwn();
    return Math.min(commit.nextStep(), cut ? state.firstOwn() : nextStep());
  }

  /** The commit of a version, if it has steps in this view. */
  Optional<CondensedCommit> commitOfVersion(long version) throws IOException {
    long low = firstReadable;
    long high = nextStep() - 1;
    while (low <= high) {
      long middle = (low + high) >>> 1;
      CondensedCommit commit = commitOf(middle);
      if (commit.version() == version) {
        return Optional.of(commit);
      } else if (commit.version() < version) {
        low = nextStepOf(commit);
      } else {
        high = firstStepOf(commit) - 1;
      }
    }
    return Optional.empty();
  }

  /** Something that is read of a bundle. */
  @FunctionalInterface
  interface Reading<T> {
    T run() throws IOException;
  }

  /**
   * Reads something of the bundle that a cell is in.
   *
   * @throws StepUnavailableException if it is gone because the step was trimmed after this view was
   *     opened
   * @throws CorruptObjectException if it is gone, and should not be
   */
  <T> T read(CellAddress cell, Reading<T> reading) throws IOException {
    try {
      return reading.run();
    } catch (ObjectNotFoundException e) {
      long now = LakeStream.open(live, stream.environment()).firstReadable();
      if (cell.step() < now) {
        throw new StepUnavailableException(
            "step " + cell.step() + " was trimmed: the first readable step is " + now);
      }
      throw new CorruptObjectException(
          cell.bundle().key().value(), "a commit names it, but it is not there", e);
    }
  }
}
