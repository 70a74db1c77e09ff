// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.CondensedCommit;
import java.io.IOException;
import java.util.List;

/** Goes through an index from left to right, one leaf in memory at a time. Thread-safe. */
public final class IndexWalk {
  private final SegmentReader reader;

  public IndexWalk(SegmentReader reader) {
    this.reader = reader;
  }

  /** Takes the commits, one by one. */
  @FunctionalInterface
  public interface Visitor {
    void commit(CondensedCommit commit) throws IOException;
  }

  /** All commits that have a step at or after this one, in order. */
  public void commits(List<IndexRef> refs, long fromStep, Visitor visitor) throws IOException {
    commits(refs, fromStep, visitor, 0);
  }

  private void commits(List<IndexRef> refs, long fromStep, Visitor visitor, int depth)
      throws IOException {
    for (IndexRef ref : refs) {
      if (ref.nextStep() <= fromStep) {
        continue;
      }
      if (ref.node()) {
        commits(children(ref, depth), fromStep, visitor, depth + 1);
      } else {
        for (CondensedCommit commit : reader.commits(ref)) {
          if (commit.nextStep() > fromStep) {
            visitor.commit(commit);
          }
        }
      }
    }
  }

  private List<IndexRef> children(IndexRef node, int depth) throws IOException {
    if (depth >= Limits.INDEX_DEPTH) {
      throw new CorruptObjectException(
          node.where().key().value(), "the index is deeper than " + Limits.INDEX_DEPTH + " nodes");
    }
    return reader.children(node);
  }
}
