// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.format.Digest;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.LogFold;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.Totals;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Writes a snapshot: segments first, the root last, so that a folder that dies half-way leaves
 * nothing but garbage. Two folders of the same version are harmless: the first root stays, and both
 * say the same.
 */
public final class SnapshotWriter {
  private static final int LEAF_COMMITS = 1024;
  private static final int LEAF_STEPS = 4096;
  private static final int KEYED_ELEMENTS = 1024;

  private final ObjectStore store;
  private final UUID stream;
  private final Supplier<UUID> uuids;

  public SnapshotWriter(ObjectStore store, UUID stream, Supplier<UUID> uuids) {
    this.store = store;
    this.stream = stream;
    this.uuids = uuids;
  }

  /**
   * Folds what came after a snapshot into a new one.
   *
   * @param base the snapshot that the fold began with, if any
   * @param tail the commits with steps that came after it
   */
  public SnapshotRoot write(Optional<SnapshotRoot> base, LogFold fold, List<CondensedCommit> tail)
      throws IOException {
    SegmentReader reader = new SegmentReader(store, stream);
    SnapshotRoot root =
        new SnapshotRoot(
            stream,
            fold.state(),
            index(base, reader, tail, fold.state().version()),
            producers(base, reader, fold),
            keys(base, reader, fold));
    putRoot(root);
    return root;
  }

  private void putRoot(SnapshotRoot root) throws IOException {
    long version = root.state().version();
    // EXISTS is as good: another folder was faster, with the same state.
    if (store.putIfAbsent(StreamKeys.snapshot(version), SnapshotJson.encode(root))
        == PutResult.CREATED) {
      store.put(StreamKeys.HINT, SealedJson.seal(SealedJson.object().put("version", version)));
    }
  }

  /** The former leaves, but for a last one that is not full: that one is written again, longer. */
  private List<IndexRef> index(
      Optional<SnapshotRoot> base, SegmentReader reader, List<CondensedCommit> tail, long version)
      throws IOException {
    List<IndexRef> refs = new ArrayList<>(base.map(SnapshotRoot::index).orElse(List.of()));
    List<CondensedCommit> commits = new ArrayList<>();
    if (!tail.isEmpty()) {
      commits.addAll(takeUnfilledLeaf(refs, reader));
    }
    commits.addAll(tail);
    List<CondensedCommit> leaf = new ArrayList<>();
    long steps = 0;
    for (CondensedCommit commit : commits) {
      leaf.add(commit);
      steps += commit.content().totals().steps();
      if (leaf.size() >= LEAF_COMMITS || steps >= LEAF_STEPS) {
        refs.add(putLeaf(leaf, version));
        leaf.clear();
        steps = 0;
      }
    }
    if (!leaf.isEmpty()) {
      refs.add(putLeaf(leaf, version));
    }
    return refs;
  }

  private static List<CondensedCommit> takeUnfilledLeaf(List<IndexRef> refs, SegmentReader reader)
      throws IOException {
    if (refs.isEmpty()) {
      return List.of();
    }
    IndexRef last = refs.get(refs.size() - 1);
    if (last.node() || last.steps() >= LEAF_STEPS) {
      return List.of();
    }
    List<CondensedCommit> commits = reader.commits(last);
    if (commits.size() >= LEAF_COMMITS) {
      return List.of();
    }
    refs.remove(refs.size() - 1);
    return commits;
  }

  private IndexRef putLeaf(List<CondensedCommit> commits, long version) throws IOException {
    Totals before = commits.get(0).before();
    long next = commits.get(commits.size() - 1).nextStep();
    return new IndexRef(
        put(version, SegmentJson.encodeCommits(stream, commits)),
        false,
        before,
        next - before.steps());
  }

  private List<KeyedRef> producers(Optional<SnapshotRoot> base, SegmentReader reader, LogFold fold)
      throws IOException {
    if (base.isPresent() && fold.touchedProducers().isEmpty()) {
      return base.get().producers();
    }
    SortedMap<String, ProducerState> all = new TreeMap<>(Utf8Order.INSTANCE);
    if (base.isPresent()) {
      new SnapshotLedger(base.get(), reader)
          .allProducers()
          .forEach(producer -> all.put(producer.id(), producer));
    }
    all.putAll(fold.touchedProducers());
    List<KeyedRef> refs = new ArrayList<>();
    for (List<ProducerState> part : parts(new ArrayList<>(all.values()))) {
      refs.add(
          new KeyedRef(
              put(fold.state().version(), SegmentJson.encodeProducers(stream, part)),
              part.get(0).id(),
              part.get(part.size() - 1).id()));
    }
    return refs;
  }

  private List<KeyedRef> keys(Optional<SnapshotRoot> base, SegmentReader reader, LogFold fold)
      throws IOException {
    if (base.isPresent() && fold.newKeys().isEmpty()) {
      return base.get().keys();
    }
    SortedMap<String, Long> all = new TreeMap<>(Utf8Order.INSTANCE);
    if (base.isPresent()) {
      all.putAll(new SnapshotLedger(base.get(), reader).allKeys());
    }
    all.putAll(fold.newKeys());
    List<KeyedRef> refs = new ArrayList<>();
    for (List<Map.Entry<String, Long>> part : parts(new ArrayList<>(all.entrySet()))) {
      SortedMap<String, Long> keys = new TreeMap<>(Utf8Order.INSTANCE);
      part.forEach(entry -> keys.put(entry.getKey(), entry.getValue()));
      refs.add(
          new KeyedRef(
              put(fold.state().version(), SegmentJson.encodeKeys(stream, keys)),
              keys.firstKey(),
              keys.lastKey()));
    }
    return refs;
  }

  private static <T> List<List<T>> parts(List<T> list) {
    List<List<T>> parts = new ArrayList<>();
    for (int from = 0; from < list.size(); from += KEYED_ELEMENTS) {
      parts.add(list.subList(from, Math.min(list.size(), from + KEYED_ELEMENTS)));
    }
    return parts;
  }

  private SegmentLocation put(long version, byte[] content) throws IOException {
    ObjectKey key = StreamKeys.segment(version, uuids.get());
    if (store.putIfAbsent(key, content) != PutResult.CREATED) {
      throw new IOException("the segment " + key + " exists already, though its UUID is fresh");
    }
    return new SegmentLocation(key, content.length, Digest.of(content));
  }
}
