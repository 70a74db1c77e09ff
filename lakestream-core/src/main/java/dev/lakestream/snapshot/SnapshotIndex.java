// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.CondensedCommit;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Finds the commit of a step in a snapshot: one fetch for each level of the tree that the reader
 * does not remember. Thread-safe.
 */
public final class SnapshotIndex {
  private final List<IndexRef> roots;
  private final SegmentReader reader;

  public SnapshotIndex(List<IndexRef> roots, SegmentReader reader) {
    this.roots = List.copyOf(roots);
    this.reader = reader;
  }

  /** The commit that made this step visible; empty if the snapshot does not reach it. */
  public Optional<CondensedCommit> find(long step) throws IOException {
    Optional<IndexRef> leaf = leaf(step);
    return leaf.isPresent()
        ? reader.commits(leaf.get()).stream().filter(commit -> step < commit.nextStep()).findFirst()
        : Optional.empty();
  }

  private Optional<IndexRef> leaf(long step) throws IOException {
    Optional<IndexRef> found = covering(roots, step);
    int depth = 0;
    while (found.isPresent() && found.get().node()) {
      if (++depth > Limits.INDEX_DEPTH) {
        throw new CorruptObjectException(
            found.get().where().key().value(),
            "the index is deeper than " + Limits.INDEX_DEPTH + " nodes");
      }
      found = covering(reader.children(found.get()), step);
    }
    return found;
  }

  private static Optional<IndexRef> covering(List<IndexRef> refs, long step) {
    int low = 0;
    int high = refs.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      IndexRef ref = refs.get(middle);
      if (step < ref.firstStep()) {
        high = middle - 1;
      } else if (step >= ref.nextStep()) {
        low = middle + 1;
      } else {
        return Optional.of(ref);
      }
    }
    return Optional.empty();
  }
}
