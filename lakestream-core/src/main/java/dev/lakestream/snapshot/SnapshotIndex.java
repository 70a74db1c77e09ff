// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.log.CondensedCommit;
import java.io.IOException;
import java.util.Optional;

/**
 * Finds the commit of a step in a snapshot: one fetch for the leaf, and one for each node above it
 * that the reader does not remember. A node's children are lower than itself, so it comes to an
 * end. Thread-safe.
 */
public final class SnapshotIndex {
  private final IndexRefs top;
  private final SegmentReader reader;

  public SnapshotIndex(IndexRefs top, SegmentReader reader) {
    this.top = top;
    this.reader = reader;
  }

  /** The commit that made this step visible; empty if the snapshot does not reach it. */
  public Optional<CondensedCommit> find(long step) throws IOException {
    Optional<IndexRef> found = top.covering(step);
    while (found.isPresent() && found.get().node()) {
      found = reader.children(found.get()).covering(step);
    }
    return found.isPresent()
        ? reader.commits(found.get()).stream()
            .filter(commit -> step < commit.nextStep())
            .findFirst()
        : Optional.empty();
  }
}
