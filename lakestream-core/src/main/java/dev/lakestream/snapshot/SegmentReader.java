// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Digest;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.log.Totals;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Fetches segments and checks them against what names them: size, SHA-256, kind, stream, totals.
 * Remembers those that were used last, within bounds. Thread-safe.
 */
public final class SegmentReader {
  private final ObjectStore store;
  private final UUID stream;
  private final SegmentCache<List<CondensedCommit>> leaves = new SegmentCache<>(2 << 20);
  private final SegmentCache<IndexRefs> nodes = new SegmentCache<>(4 << 20);
  private final SegmentCache<List<KeyedRef>> keyedNodes = new SegmentCache<>(1 << 20);
  private final SegmentCache<SortedMap<String, ProducerState>> producers =
      new SegmentCache<>(2 << 20);
  private final SegmentCache<SortedMap<String, Long>> keys = new SegmentCache<>(1 << 20);

  public SegmentReader(ObjectStore store, UUID stream) {
    this.store = store;
    this.stream = stream;
  }

  /** The bundles and steps of a commit that has them in segments, part by part. */
  public List<CommitContent.Inline> parts(CommitContent.Segmented content) throws IOException {
    List<CommitContent.Inline> parts = new ArrayList<>();
    for (SegmentRef segment : content.segments()) {
      parts.add(part(segment));
    }
    return parts;
  }

  /** The bundles and steps of one segment of a commit. */
  public CommitContent.Inline part(SegmentRef segment) throws IOException {
    CommitContent.Inline part =
        SegmentJson.decodeContent(
            segment.key().value(), stream, fetch(segment.key(), segment.bytes(), segment.sha256()));
    if (!part.totals().equals(segment.totals())) {
      throw new CorruptObjectException(
          segment.key().value(),
          "it has " + part.totals() + ", the commit says " + segment.totals());
    }
    return part;
  }

  List<CondensedCommit> commits(IndexRef ref) throws IOException {
    return leaves.get(ref, ref.where(), () -> fetchCommits(ref));
  }

  private List<CondensedCommit> fetchCommits(IndexRef ref) throws IOException {
    String object = ref.where().key().value();
    List<CondensedCommit> commits = SegmentJson.decodeCommits(object, stream, fetch(ref.where()));
    Totals next = ref.before();
    long version = -1;
    for (CondensedCommit commit : commits) {
      Totals added = commit.content().totals();
      if (!commit.before().equals(next) || added.steps() == 0 || commit.version() <= version) {
        throw new CorruptObjectException(
            object, "its commits are not dense at step " + next.steps());
      }
      next = next.plus(added);
      version = commit.version();
    }
    if (!next.equals(ref.after())) {
      throw new CorruptObjectException(object, "it ends at " + next + " instead of " + ref.after());
    }
    return commits;
  }

  IndexRefs children(IndexRef ref) throws IOException {
    return nodes.get(ref, ref.where(), () -> fetchChildren(ref));
  }

  private IndexRefs fetchChildren(IndexRef ref) throws IOException {
    String object = ref.where().key().value();
    IndexRefs children = SegmentJson.decodeNode(object, stream, fetch(ref.where()));
    if (!children.before().equals(ref.before()) || !children.after().equals(ref.after())) {
      throw new CorruptObjectException(
          object,
          "its children cover "
              + children.before()
              + " to "
              + children.after()
              + " instead of "
              + ref.before()
              + " to "
              + ref.after());
    }
    if (children.height(0) >= ref.height()) {
      throw new CorruptObjectException(
          object, "a child of it has the height " + children.height(0) + ", as it has, or more");
    }
    return children;
  }

  SortedMap<String, ProducerState> producersById(KeyedRef ref) throws IOException {
    return producers.get(ref, ref.where(), () -> fetchProducers(ref));
  }

  private SortedMap<String, ProducerState> fetchProducers(KeyedRef ref) throws IOException {
    List<ProducerState> list =
        SegmentJson.decodeProducers(ref.where().key().value(), stream, fetch(ref.where()));
    checkOrder(ref, list.stream().map(ProducerState::id).toList());
    SortedMap<String, ProducerState> byId = new TreeMap<>(Utf8Order.INSTANCE);
    list.forEach(producer -> byId.put(producer.id(), producer));
    return Collections.unmodifiableSortedMap(byId);
  }

  SortedMap<String, Long> keys(KeyedRef ref) throws IOException {
    return keys.get(ref, ref.where(), () -> fetchKeys(ref));
  }

  private SortedMap<String, Long> fetchKeys(KeyedRef ref) throws IOException {
    List<Map.Entry<String, Long>> entries =
        SegmentJson.decodeKeys(ref.where().key().value(), stream, fetch(ref.where()));
    checkOrder(ref, entries.stream().map(Map.Entry::getKey).toList());
    SortedMap<String, Long> byKey = new TreeMap<>(Utf8Order.INSTANCE);
    entries.forEach(entry -> byKey.put(entry.getKey(), entry.getValue()));
    return Collections.unmodifiableSortedMap(byKey);
  }

  List<KeyedRef> children(KeyedKind kind, KeyedRef ref) throws IOException {
    return keyedNodes.get(ref, ref.where(), () -> fetchChildren(kind, ref));
  }

  private List<KeyedRef> fetchChildren(KeyedKind kind, KeyedRef ref) throws IOException {
    String object = ref.where().key().value();
    List<KeyedRef> children = SegmentJson.decodeKeyedNode(object, stream, kind, fetch(ref.where()));
    if (children.isEmpty()
        || !children.get(0).first().equals(ref.first())
        || !children.get(children.size() - 1).last().equals(ref.last())
        || children.stream().mapToLong(KeyedRef::count).sum() != ref.count()) {
      throw new CorruptObjectException(
          object,
          "its children are not "
              + ref.count()
              + " from '"
              + ref.first()
              + "' to '"
              + ref.last()
              + "'");
    }
    return children;
  }

  /** What is out of its place would not be found, as if it did not exist. */
  private static void checkOrder(KeyedRef ref, List<String> names) {
    boolean ordered =
        names.size() == ref.count()
            && names.get(0).equals(ref.first())
            && names.get(names.size() - 1).equals(ref.last());
    for (int i = 1; i < names.size(); i++) {
      ordered &= Utf8Order.INSTANCE.compare(names.get(i - 1), names.get(i)) < 0;
    }
    if (!ordered) {
      throw new CorruptObjectException(
          ref.where().key().value(),
          "it is not in order, or not "
              + ref.count()
              + " from '"
              + ref.first()
              + "' to '"
              + ref.last()
              + "'");
    }
  }

  private byte[] fetch(SegmentLocation where) throws IOException {
    return fetch(where.key(), where.bytes(), where.sha256());
  }

  private byte[] fetch(ObjectKey key, int bytes, Digest sha256) throws IOException {
    byte[] content;
    try {
      content = store.get(key, bytes);
    } catch (ObjectNotFoundException e) {
      throw new CorruptObjectException(key.value(), "a segment that is named does not exist", e);
    }
    if (content.length != bytes || !Digest.of(content).equals(sha256)) {
      throw new CorruptObjectException(
          key.value(), "its size or SHA-256 is not the one that names it");
    }
    return content;
  }
}
