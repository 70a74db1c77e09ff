// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.Totals;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Lets the index of steps grow to the right: a tree of which only the right edge is written again,
 * that is the last leaf, the nodes above it, and what the root says of them.
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
  List<IndexRef> appended(List<IndexRef> refs, List<CondensedCommit> tail) throws IOException {
    if (tail.isEmpty()) {
      return refs;
    }
    List<IndexRef> longer = extended(refs, tail, 0);
    while (longer.size() > shape.rootRefs() && height(longer) < Limits.INDEX_DEPTH) {
      longer = nodes(longer);
    }
    return longer;
  }

  private List<IndexRef> extended(List<IndexRef> refs, List<CondensedCommit> tail, int depth)
      throws IOException {
    List<IndexRef> longer = new ArrayList<>(refs);
    if (refs.isEmpty()) {
      longer.addAll(leaves(tail));
      return longer;
    }
    IndexRef last = longer.remove(longer.size() - 1);
    if (!last.node()) {
      longer.addAll(extendedLeaf(last, tail));
    } else if (depth >= Limits.INDEX_DEPTH) {
      throw new CorruptObjectException(
          last.where().key().value(), "the index is deeper than " + Limits.INDEX_DEPTH + " nodes");
    } else {
      longer.addAll(extendedNode(last, tail, depth));
    }
    return longer;
  }

  /** A full leaf stays as it is; another one is written again, longer. */
  private List<IndexRef> extendedLeaf(IndexRef last, List<CondensedCommit> tail)
      throws IOException {
    List<CondensedCommit> commits = new ArrayList<>();
    List<IndexRef> leaves = new ArrayList<>();
    if (!isFull(0, last.steps(), last.where().bytes())) {
      commits.addAll(reader.commits(last));
    }
    if (commits.isEmpty() || commits.size() >= shape.leafCommits()) {
      leaves.add(last);
      commits.clear();
    }
    commits.addAll(tail);
    leaves.addAll(leaves(commits));
    return leaves;
  }

  private List<IndexRef> extendedNode(IndexRef last, List<CondensedCommit> tail, int depth)
      throws IOException {
    List<IndexRef> children = reader.children(last);
    List<IndexRef> longer = extended(children, tail, depth + 1);
    boolean full = children.size() == shape.fanout();
    if (full && longer.subList(0, children.size()).equals(children)) {
      List<IndexRef> beside = new ArrayList<>(List.of(last));
      beside.addAll(nodes(longer.subList(children.size(), longer.size())));
      return beside;
    }
    return nodes(longer);
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
    long next = commits.get(commits.size() - 1).nextStep();
    return new IndexRef(
        writer.put(SegmentJson.encodeCommits(stream, commits)),
        false,
        before,
        next - before.steps());
  }

  /** Nodes for these refs; all but the last one are full. */
  private List<IndexRef> nodes(List<IndexRef> refs) throws IOException {
    List<IndexRef> nodes = new ArrayList<>();
    for (int from = 0; from < refs.size(); from += shape.fanout()) {
      nodes.add(putNode(refs.subList(from, Math.min(refs.size(), from + shape.fanout()))));
    }
    return nodes;
  }

  private IndexRef putNode(List<IndexRef> children) throws IOException {
    Totals before = children.get(0).before();
    long next = children.get(children.size() - 1).nextStep();
    return new IndexRef(
        writer.put(SegmentJson.encodeNode(stream, children)), true, before, next - before.steps());
  }

  /** How deep the oldest ref is; no other is deeper. */
  private int height(List<IndexRef> refs) throws IOException {
    int height = 0;
    IndexRef lower = refs.get(0);
    while (lower.node() && height < Limits.INDEX_DEPTH) {
      height++;
      lower = reader.children(lower).get(0);
    }
    return height;
  }
}
