// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.RecordedSchema;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.Totals;
import dev.lakestream.snapshot.SegmentReader;
import dev.lakestream.store.ObjectKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The groups of a commit, or of that segment of it which has the wanted step, unfolded so that a
 * step is found by its number. A commit may have a million steps in many segments; one is held.
 */
record UnfoldedPart(CondensedCommit commit, List<CommittedGroup> groups) {

  /**
   * Fetches the segment that has a step of a commit, if the commit has segments.
   *
   * @param schemas those of the stream
   */
  static UnfoldedPart of(
      CondensedCommit commit, long step, SegmentReader reader, List<RecordedSchema> schemas)
      throws IOException {
    if (commit.content() instanceof CommitContent.Inline inline) {
      return unfold(commit, commit.before(), inline);
    }
    Totals before = commit.before();
    for (SegmentRef segment : ((CommitContent.Segmented) commit.content()).segments()) {
      Totals after = before.plus(segment.totals());
      if (step < after.steps()) {
        CommitContent.Inline part = reader.part(segment);
        checkSegmentRules(segment.key(), part, commit, schemas);
        return unfold(commit, before, part);
      }
      before = after;
    }
    throw new IllegalArgumentException("step " + step + " is not of version " + commit.version());
  }

  private static UnfoldedPart unfold(
      CondensedCommit commit, Totals first, CommitContent.Inline part) {
    List<CommittedGroup> groups = new ArrayList<>();
    Totals before = first;
    for (StepGroup group : part.groups()) {
      groups.add(
          new CommittedGroup(
              commit.version(),
              commit.digest(),
              commit.time(),
              commit.producer(),
              before,
              group,
              part.bundles(),
              0));
      before = before.plus(Totals.of(group.steps()));
    }
    return new UnfoldedPart(commit, List.copyOf(groups));
  }

  boolean contains(long step) {
    return groups.get(0).firstStep() <= step && step < groups.get(groups.size() - 1).nextStep();
  }

  CommittedGroup groupOf(long step) {
    int low = 0;
    int high = groups.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (groups.get(middle).firstStep() <= step) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return groups.get(low);
  }

  /**
   * Refuses what {@code valid} could not see because it was in a segment: a key that belongs to
   * another producer or to a later epoch (of a repeat: that is none of a bundle), a schema that was
   * not declared before the commit.
   */
  private static void checkSegmentRules(
      ObjectKey segment,
      CommitContent.Inline part,
      CondensedCommit commit,
      List<RecordedSchema> schemas) {
    ProducerStamp producer = commit.producer();
    long known = schemas.stream().filter(schema -> schema.version() < commit.version()).count();
    for (BundleDescriptor bundle : part.bundles()) {
      boolean owned =
          commit.repeat().isPresent()
              ? StreamKeys.isBundle(bundle.key())
              : StreamKeys.owner(bundle.key())
                  .filter(owner -> owner.producer().equals(producer.id()))
                  .filter(owner -> owner.epoch() <= producer.epoch())
                  .isPresent();
      if (!owned) {
        throw new CorruptObjectException(
            segment.value(), "the bundle " + bundle.key() + " is not " + producer + "'s");
      }
      if (bundle.schema() >= known) {
        throw new CorruptObjectException(
            segment.value(), "schema " + bundle.schema() + " of " + bundle.key() + " is unknown");
      }
    }
  }
}
