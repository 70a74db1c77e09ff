// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.log.StreamState;
import dev.lakestream.snapshot.IndexRefs;
import dev.lakestream.snapshot.IndexWalk;
import dev.lakestream.snapshot.SegmentReader;
import java.io.IOException;
import java.util.List;

/**
 * All commits of a stream that have a readable step, in order: those of the snapshot, then those
 * that were folded since. Holds one segment at a time, whatever the length of the history. A commit
 * counts as readable as a whole.
 *
 * <p>What it says is as of {@link #state()}: it does not go on when the stream does. Thread-safe.
 */
public final class CommitWalk {
  private final IndexRefs index;
  private final List<CondensedCommit> tail;
  private final StreamState state;
  private final SegmentReader segments;

  CommitWalk(
      IndexRefs index, List<CondensedCommit> tail, StreamState state, SegmentReader segments) {
    this.index = index;
    this.tail = List.copyOf(tail);
    this.state = state;
    this.segments = segments;
  }

  /** What is told of the commits. */
  public interface Visitor {
    /** The next commit begins. */
    void commit(CondensedCommit commit) throws IOException;

    /** A segment that the commit names. */
    void segment(SegmentRef segment) throws IOException;

    /** A bundle that the commit takes cells from; perhaps not for the first time. */
    void bundle(BundleDescriptor bundle) throws IOException;
  }

  /** The state that the walk is about. */
  public StreamState state() {
    return state;
  }

  /**
   * Walks from the first readable step.
   *
   * @throws dev.lakestream.error.CorruptObjectException if a segment is missing or damaged
   */
  public void visit(Visitor visitor) throws IOException {
    visit(state.firstReadable(), visitor);
  }

  /** Walks through the commits that have a readable step at or after this one. */
  public void visit(long fromStep, Visitor visitor) throws IOException {
    long begin = Math.max(fromStep, state.firstReadable());
    new IndexWalk(segments).commits(index, begin, commit -> tell(commit, visitor));
    for (CondensedCommit commit : tail) {
      if (commit.nextStep() > begin) {
        tell(commit, visitor);
      }
    }
  }

  private void tell(CondensedCommit commit, Visitor visitor) throws IOException {
    visitor.commit(commit);
    if (commit.content() instanceof CommitContent.Inline inline) {
      visitBundles(inline, visitor);
    } else if (commit.content() instanceof CommitContent.Segmented segmented) {
      for (SegmentRef segment : segmented.segments()) {
        visitor.segment(segment);
        visitBundles(segments.part(segment), visitor);
      }
    }
  }

  private static void visitBundles(CommitContent.Inline content, Visitor visitor)
      throws IOException {
    for (BundleDescriptor bundle : content.bundles()) {
      visitor.bundle(bundle);
    }
  }
}
