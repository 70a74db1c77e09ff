// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.log.CommitContent;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.Totals;
import dev.lakestream.snapshot.SegmentReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The groups of one commit, unfolded so that a step is found by its number. */
record UnfoldedCommit(CondensedCommit commit, List<CommittedGroup> groups) {

  /**
   * Fetches the commit's segments, if it has any.
   *
   * @param schemas how many schemas the stream has
   */
  static UnfoldedCommit of(CondensedCommit commit, SegmentReader reader, int schemas)
      throws IOException {
    boolean segmented = commit.content() instanceof CommitContent.Segmented;
    List<CommittedGroup> groups = new ArrayList<>();
    Totals before = commit.before();
    for (CommitContent.Inline part : parts(commit.content(), reader)) {
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
        if (segmented) {
          committed.checkSegmentRules("a segment of version " + commit.version(), schemas);
        }
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

  private static List<CommitContent.Inline> parts(CommitContent content, SegmentReader reader)
      throws IOException {
    if (content instanceof CommitContent.Inline inline) {
      return List.of(inline);
    }
    return reader.parts((CommitContent.Segmented) content);
  }
}
