// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.RecordedSchema;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.Totals;
import dev.lakestream.snapshot.SegmentReader;
import dev.lakestream.store.ObjectKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The groups of one commit, unfolded so that a step is found by its number. */
record UnfoldedCommit(CondensedCommit commit, List<CommittedGroup> groups) {

  /**
   * Fetches the commit's segments, if it has any.
   *
   * @param schemas those of the stream
   */
  static UnfoldedCommit of(
      CondensedCommit commit, SegmentReader reader, List<RecordedSchema> schemas)
      throws IOException {
    List<CommittedGroup> groups = new ArrayList<>();
    Totals before = commit.before();
    List<CommitContent.Inline> parts = parts(commit.content(), reader);
    for (int i = 0; i < parts.size(); i++) {
      CommitContent.Inline part = parts.get(i);
      if (commit.content() instanceof CommitContent.Segmented segmented) {
        checkSegmentRules(segmented.segments().get(i).key(), part, commit, schemas);
      }
      for (StepGroup group : part.groups()) {
        CommittedGroup committed =
            new CommittedGroup(
                commit.version(),
                commit.digest(),
                commit.time(),
                commit.producer(),
                before,
                group,
                part.bundles());
        groups.add(committed);
        before = before.plus(Totals.of(group.steps()));
      }
    }
    return new UnfoldedCommit(commit, List.copyOf(groups));
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
   * another producer or to a later epoch, a schema that was not declared before the commit.
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
          StreamKeys.owner(bundle.key())
              .filter(
                  owner ->
                      owner.producer().equals(producer.id()) && owner.epoch() <= producer.epoch())
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

  private static List<CommitContent.Inline> parts(CommitContent content, SegmentReader reader)
      throws IOException {
    if (content instanceof CommitContent.Inline inline) {
      return List.of(inline);
    }
    return reader.parts((CommitContent.Segmented) content);
  }
}
