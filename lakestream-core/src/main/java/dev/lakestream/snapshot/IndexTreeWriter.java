// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.format.Limits;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.Totals;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Lets the index of steps grow to the right. The root names the leaves itself, so that a find is
 * one request, until they become too many; then the oldest of them go into a node, which is full
 * and never written again, and so do the oldest nodes when there are many. Only the last leaf is
 * ever written anew.
 */
final class IndexTreeWriter {
  private final UUID stream;
  private final SnapshotWriter.Shape shape;
  private final SegmentReader reader;
  private final SegmentWriter writer;

  IndexTreeWriter(
      UUID stream, SnapshotWriter.Shape shape, SegmentReader reader, SegmentWriter writer) {
    this.stream = stream;
    this.shape = shape;
    this.reader = reader;
    this.writer = writer;
  }

  /** The refs of a root, with these commits behind what they cover. */
  IndexRefs appended(IndexRefs refs, List<CondensedCommit> tail) throws IOException {
    return tail.isEmpty() ? refs : folded(extended(refs, tail));
  }

  /** A full leaf stays as it is; another one is written again, longer. */
  private IndexRefs extended(IndexRefs refs, List<CondensedCommit> tail) throws IOException {
    int kept = refs.size();
    List<CondensedCommit> commits = new ArrayList<>();
    if (kept > 0 && refs.height(kept - 1) == 0) {
      IndexRef last = refs.get(kept - 1);
      if (!isFull(0, last.covered().steps(), last.where().bytes())) {
        List<CondensedCommit> known = reader.commits(last);
        if (known.size() < shape.leafCommits()) {
          commits.addAll(known);
          kept--;
        }
      }
    }
    commits.addAll(tail);
    return refs.slice(0, kept).and(IndexRefs.of(commits.get(0).before(), leaves(commits)));
  }

  /** The same, with no more refs than a root is to have. */
  private IndexRefs folded(IndexRefs refs) throws IOException {
    IndexRefs fewer = refs;
    for (int height = 0; fewer.size() > shape.indexRefs() && height < Limits.INDEX_DEPTH; ) {
      int first = firstOf(fewer, height);
      if (first + shape.indexFanout() <= firstOf(fewer, height - 1)) {
        fewer = withNode(fewer, first, height + 1);
      } else {
        height++;
      }
    }
    return fewer;
  }

  /** Where the refs of this height begin: they are behind the higher ones. */
  private static int firstOf(IndexRefs refs, int height) {
    int first = 0;
    while (first < refs.size() && refs.height(first) > height) {
      first++;
    }
    return first;
  }

  private IndexRefs withNode(IndexRefs refs, int first, int height) throws IOException {
    int next = first + shape.indexFanout();
    IndexRefs children = refs.slice(first, next);
    Totals before = children.before();
    IndexRef node =
        new IndexRef(
            writer.put(SegmentJson.encodeNode(stream, children)),
            height,
            before,
            children.after().minus(before));
    return refs.slice(0, first)
        .and(IndexRefs.of(before, List.of(node)))
        .and(refs.slice(next, refs.size()));
  }

  private boolean isFull(int commits, long steps, long bytes) {
    return commits >= shape.leafCommits()
        || steps >= shape.leafSteps()
        || bytes >= shape.leafBytes();
  }

  private List<IndexRef> leaves(List<CondensedCommit> commits) throws IOException {
    List<IndexRef> leaves = new ArrayList<>();
    List<CondensedCommit> leaf = new ArrayList<>();
    long steps = 0;
    long bytes = 0;
    for (CondensedCommit commit : commits) {
      leaf.add(commit);
      steps += commit.content().totals().steps();
      bytes += SegmentJson.encodeCommits(stream, List.of(commit)).length;
      if (isFull(leaf.size(), steps, bytes)) {
        leaves.add(putLeaf(leaf));
        leaf.clear();
        steps = 0;
        bytes = 0;
      }
    }
    if (!leaf.isEmpty()) {
      leaves.add(putLeaf(leaf));
    }
    return leaves;
  }

  private IndexRef putLeaf(List<CondensedCommit> commits) throws IOException {
    Totals before = commits.get(0).before();
    CondensedCommit last = commits.get(commits.size() - 1);
    return new IndexRef(
        writer.put(SegmentJson.encodeCommits(stream, commits)),
        0,
        before,
        last.before().plus(last.content().totals()).minus(before));
  }
}
