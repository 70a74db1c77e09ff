// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.StreamState;
import java.io.IOException;
import java.util.Optional;

/**
 * Finds steps by their number or their version: its own in the current view, those before in the
 * stream's ancestors. Holds the last part of a commit that it has unfolded. Not thread-safe: the
 * stream guards it.
 */
final class StepFinder {
  private final CurrentView current;
  private final HistoryReader history;
  private final Optional<Ancestry> ancestry;
  private Optional<Unfolded> last = Optional.empty();

  /** What was unfolded, and the generation of the view that named it. */
  private record Unfolded(long generation, UnfoldedPart part) {}

  StepFinder(CurrentView current, HistoryReader history, Optional<Ancestry> ancestry) {
    this.current = current;
    this.history = history;
    this.ancestry = ancestry;
  }

  /**
   * The group that this step belongs to.
   *
   * @throws StepUnavailableException if it was trimmed, or not committed at the last look
   */
  CommittedGroup groupOf(long step) throws IOException {
    return current.lookUp(() -> find(step));
  }

  /** The commit of this step, which may be an ancestor's and go on beyond the fork. */
  CondensedCommit commitOf(long step) throws IOException {
    requireReadable(step);
    return isBeforeFork(step)
        ? parent().commitOf(step)
        : current.lookUp(() -> current.get().commitOf(step));
  }

  private CommittedGroup find(long step) throws IOException {
    requireReadable(step);
    return isBeforeFork(step) ? ancestry.orElseThrow().groupOf(step) : partWith(step).groupOf(step);
  }

  private boolean isBeforeFork(long step) {
    return step < current.state().firstOwn() && ancestry.isPresent();
  }

  private void requireReadable(long step) {
    StreamState state = current.state();
    if (step < state.firstReadable()) {
      throw new StepUnavailableException(
          "step " + step + " was trimmed: the first readable step is " + state.firstReadable());
    }
    if (step < 0 || step >= state.nextStep()) {
      throw new StepUnavailableException(
          "step " + step + " is not committed: the tail is " + (state.nextStep() - 1));
    }
  }

  private UnfoldedPart partWith(long step) throws IOException {
    long generation = current.generation();
    Optional<UnfoldedPart> known =
        last.filter(unfolded -> unfolded.generation() == generation)
            .map(Unfolded::part)
            .filter(part -> part.contains(step));
    if (known.isPresent()) {
      return known.get();
    }
    View view = current.get();
    UnfoldedPart part =
        UnfoldedPart.of(view.commitOf(step), step, history.segments(), view.state().schemas());
    last = Optional.of(new Unfolded(generation, part));
    return part;
  }

  /**
   * The first step that the entry of this version made visible.
   *
   * @throws StepUnavailableException if it made none, or they have been trimmed
   */
  long firstStepOf(long version) throws IOException {
    if (version <= current.get().began() && ancestry.isPresent()) {
      return inParent(version);
    }
    long low = Math.max(current.state().firstReadable(), current.state().firstOwn());
    long high = current.state().nextStep() - 1;
    while (low <= high) {
      long middle = (low + high) >>> 1;
      CommittedGroup group = groupOf(middle);
      if (group.version() == version) {
        return partWith(middle).commit().before().steps();
      } else if (group.version() < version) {
        low = group.nextStep();
      } else {
        high = group.firstStep() - 1;
      }
    }
    throw noStepOf(version);
  }

  private long inParent(long version) throws IOException {
    long first = ancestry.orElseThrow().parent().firstStepOf(version);
    if (first >= current.state().firstOwn()) {
      throw noStepOf(version);
    }
    return first;
  }

  private static StepUnavailableException noStepOf(long version) {
    return new StepUnavailableException("no readable step is of version " + version);
  }

  /** The first step that can be read: a fork can read what its parent can. */
  long firstReadable() throws IOException {
    long first = current.state().firstReadable();
    long firstOwn = current.state().firstOwn();
    return first >= firstOwn
        ? first
        : Math.max(first, Math.min(firstOwn, parent().firstReadable()));
  }

  /** Looks again at the logs of the ancestors, if something of theirs is readable. */
  void refreshAncestors() throws IOException {
    if (current.state().firstReadable() < current.state().firstOwn()) {
      parent().refreshFirstReadable();
    }
  }

  /** The stream that this one is a fork of. */
  LakeStream parent() throws IOException {
    return ancestry
        .orElseThrow(
            () ->
                new CorruptObjectException(
                    StreamKeys.SNAPSHOTS.value(), "it is of a fork, and the stream is none"))
        .parent();
  }
}
