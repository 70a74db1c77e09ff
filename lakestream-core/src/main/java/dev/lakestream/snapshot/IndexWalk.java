// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.log.CondensedCommit;
import java.io.IOException;

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
  public void commits(IndexRefs refs, long fromStep, Visitor visitor) throws IOException {
    for (int i = 0; i < refs.size(); i++) {
      if (refs.nextStep(i) > fromStep) {
        commits(refs.get(i), fromStep, visitor);
      }
    }
  }

  private void commits(IndexRef ref, long fromStep, Visitor visitor) throws IOException {
    if (ref.node()) {
      commits(reader.children(ref), fromStep, visitor);
      return;
    }
    for (CondensedCommit commit : reader.commits(ref)) {
      if (commit.nextStep() > fromStep) {
        visitor.commit(commit);
      }
    }
  }
}
