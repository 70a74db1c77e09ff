// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.Action;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * What was uploaded and is not committed, in order. Not thread-safe.
 *
 * <p>Must: merge whole submissions, the oldest first, so that steps and states keep their order
 * (invariant 6).
 */
final class Backlog {
  private final ArrayDeque<Submission> waiting = new ArrayDeque<>();
  private long steps;
  private long bytes;

  /**
   * Something that was handed in.
   *
   * @param since when, on the clock of the policy
   */
  record Submission(Commit commit, long since, CompletableFuture<CommitReceipt> receipt) {
    long steps() {
      return commit.content().totals().steps();
    }

    long bytes() {
      return commit.content().bundles().stream().mapToLong(BundleDescriptor::bytes).sum();
    }
  }

  /** Several submissions as one commit. */
  record Merged(Commit commit, List<Submission> parts) {}

  void add(Submission submission) {
    if (submission.steps() > Limits.COMMIT_STEPS
        || submission.commit().actions().size() > Limits.ACTIONS) {
      throw new InvalidRequestException(
          "a commit has at most "
              + Limits.COMMIT_STEPS
              + " steps and "
              + Limits.ACTIONS
              + " actions; this one has "
              + submission.steps()
              + " and "
              + submission.commit().actions().size());
    }
    waiting.add(submission);
    steps += submission.steps();
    bytes += submission.bytes();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  long steps() {
    return steps;
  }

  long bytes() {
    return bytes;
  }

  /** Since when the oldest waits. */
  OptionalLong since() {
    return waiting.isEmpty() ? OptionalLong.empty() : OptionalLong.of(waiting.element().since());
  }

  /** The youngest. */
  Optional<Submission> last() {
    return Optional.ofNullable(waiting.peekLast());
  }

  /**
   * As many of the oldest as one entry may carry and there is room for, but one at least. The
   * latest state that was given wins, and the latest attachments. A commit with a key of
   * idempotence comes last in its entry, which has but one.
   */
  Merged merge(CommitGate.Room room) {
    List<Submission> parts = new ArrayList<>();
    List<BundleDescriptor> bundles = new ArrayList<>();
    List<StepGroup> groups = new ArrayList<>();
    List<Action> actions = new ArrayList<>();
    Optional<String> state = Optional.empty();
    Optional<String> idempotence = Optional.empty();
    long merged = 0;
    long mergedBytes = 0;
    for (Submission part : waiting) {
      Commit commit = part.commit();
      merged += part.steps();
      mergedBytes += part.bytes();
      boolean fits = merged <= room.steps() && mergedBytes <= room.bytes();
      if (merged > Limits.COMMIT_STEPS
          || actions.size() + commit.actions().size() > Limits.ACTIONS
          || !(fits || parts.isEmpty())) {
        break;
      }
      parts.add(part);
      int moved = bundles.size();
      commit.content().groups().forEach(group -> groups.add(renumbered(group, moved)));
      bundles.addAll(commit.content().bundles());
      actions.addAll(commit.actions());
      state = commit.state().isPresent() ? commit.state() : state;
      idempotence = commit.idempotence();
      if (idempotence.isPresent()) {
        break;
      }
    }
    return new Merged(
        new Commit(
            new CommitContent.Inline(bundles, groups),
            state,
            parts.get(parts.size() - 1).commit().attachments(),
            idempotence,
            actions),
        List.copyOf(parts));
  }

  private static StepGroup renumbered(StepGroup group, int moved) {
    if (group instanceof StepGroup.BundleGroup whole) {
      return new StepGroup.BundleGroup(whole.bundle() + moved, whole.steps());
    }
    StepGroup.CellGroup cells = (StepGroup.CellGroup) group;
    return new StepGroup.CellGroup(
        cells.cells().stream()
            .map(
                range ->
                    new CellRange(
                        range.bundle() + moved, range.slot(), range.count(), range.step()))
            .toList(),
        cells.step());
  }

  /** Removes what was merged last: nothing but additions may have happened since. */
  void remove(Merged committed) {
    for (Submission part : committed.parts()) {
      waiting.remove();
      steps -= part.steps();
      bytes -= part.bytes();
    }
  }

  /** Removes everything. */
  List<Submission> clear() {
    List<Submission> all = List.copyOf(waiting);
    waiting.clear();
    steps = 0;
    bytes = 0;
    return all;
  }
}
