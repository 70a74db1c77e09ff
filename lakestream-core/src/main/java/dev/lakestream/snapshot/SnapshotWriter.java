// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
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
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Writes a snapshot: segments first, the root last, so that a folder that dies half-way leaves
 * nothing but garbage. Two folders of the same version are harmless: the first root stays, and both
 * say the same.
 *
 * <p>Must (invariant 9): write what changed since the base and little else. Full leaves stay as
 * they are; when they become many, nodes take their place in the root; of producers and keys, only
 * the segments are written again that something falls into.
 */
public final class SnapshotWriter {
  private final ObjectStore store;
  private final UUID stream;
  private final Supplier<UUID> uuids;
  private final Shape shape;

  /**
   * When segments are full. The format leaves that to writers.
   *
   * @param leafCommits commits of a leaf
   * @param leafSteps steps of a leaf
   * @param segmentBytes about how many bytes a segment may have
   * @param fanout how many refs a node takes; the root has up to twice as many of each height
   * @param keyedElements producers or keys of a segment
   */
  public record Shape(
      int leafCommits, int leafSteps, int segmentBytes, int fanout, int keyedElements) {
    /** A find fetches two or three segments of at most 1 MiB each. */
    public static final Shape DEFAULT = new Shape(1024, 4096, 1 << 20, 64, 1024);
  }

  public SnapshotWriter(ObjectStore store, UUID stream, Supplier<UUID> uuids) {
    this(store, stream, uuids, Shape.DEFAULT);
  }

  public SnapshotWriter(ObjectStore store, UUID stream, Supplier<UUID> uuids, Shape shape) {
    this.store = store;
    this.stream = stream;
    this.uuids = uuids;
    this.shape = shape;
  }

  /**
   * Folds what came after a snapshot into a new one.
   *
   * @param base the snapshot that the fold began with, if any
   * @param folded the state now, with what changed since that snapshot
   * @param tail the commits with steps that came after it
   * @return the root, or empty if another folder was faster, then its root is in force, or if the
   *     horizon has passed the base
   */
  public Optional<SnapshotRoot> write(
      Optional<SnapshotRoot> base, LogFold.Folded folded, List<CondensedCommit> tail)
      throws IOException {
    SegmentReader reader = new SegmentReader(store, stream);
    long version = folded.state().version();
    List<IndexRef> index = index(base, reader, tail, version);
    index.removeIf(ref -> ref.nextStep() <= folded.state().firstReadable());
    SnapshotRoot root =
        new SnapshotRoot(
            stream,
            folded.state(),
            withNodes(index, reader, version),
            producers(base, reader, folded),
            keys(base, reader, folded));
    return !isOvertaken(base) && putRoot(root) ? Optional.of(root) : Optional.empty();
  }

  /**
   * Whether the horizon has passed the base: segments of it that no other root names may be gone by
   * now, and a root that names them would help nobody (docs/format.md §8).
   */
  private boolean isOvertaken(Optional<SnapshotRoot> base) throws IOException {
    return base.isPresent()
        && new Snapshots(store, stream).horizon() > base.get().state().version();
  }

  private boolean putRoot(SnapshotRoot root) throws IOException {
    long version = root.state().version();
    if (store.putIfAbsent(StreamKeys.snapshot(version), encode(root)) != PutResult.CREATED) {
      return false;
    }
    store.put(StreamKeys.HINT, SealedJson.seal(SealedJson.object().put("version", version)));
    return true;
  }

  /** What we write must be what any reader accepts: the log may be removed on its word. */
  private static byte[] encode(SnapshotRoot root) {
    byte[] content = checkSize(SnapshotJson.encode(root));
    long version = root.state().version();
    try {
      SnapshotJson.decode(StreamKeys.snapshot(version).value(), version, content);
    } catch (CorruptObjectException e) {
      throw new InvalidRequestException("the snapshot would be unreadable: " + e.getMessage());
    }
    return content;
  }

  private static byte[] checkSize(byte[] content) {
    if (content.length > Limits.SEGMENT_BYTES) {
      throw new InvalidRequestException(
          "a part of the snapshot would have "
              + content.length
              + " bytes, at most "
              + Limits.SEGMENT_BYTES);
    }
    return content;
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
    long bytes = 0;
    for (CondensedCommit commit : commits) {
      leaf.add(commit);
      steps += commit.content().totals().steps();
      bytes += SegmentJson.encodeCommits(stream, List.of(commit)).length;
      if (isFull(leaf.size(), steps, bytes)) {
        refs.add(putLeaf(leaf, version));
        leaf.clear();
        steps = 0;
        bytes = 0;
      }
    }
    if (!leaf.isEmpty()) {
      refs.add(putLeaf(leaf, version));
    }
    return refs;
  }

  private boolean isFull(int commits, long steps, long bytes) {
    return commits >= shape.leafCommits || steps >= shape.leafSteps || bytes >= shape.segmentBytes;
  }

  private List<CondensedCommit> takeUnfilledLeaf(List<IndexRef> refs, SegmentReader reader)
      throws IOException {
    if (refs.isEmpty()) {
      return List.of();
    }
    IndexRef last = refs.get(refs.size() - 1);
    if (last.node() || isFull(0, last.steps(), last.where().bytes())) {
      return List.of();
    }
    List<CondensedCommit> commits = reader.commits(last);
    if (commits.size() >= shape.leafCommits) {
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

  /** Puts nodes for the oldest refs of each height of which there are many. */
  private List<IndexRef> withNodes(List<IndexRef> refs, SegmentReader reader, long version)
      throws IOException {
    List<IndexRef> result = refs;
    for (int height = 0; height < Limits.INDEX_DEPTH; height++) {
      boolean leaves = height == 0;
      long candidates = result.stream().filter(ref -> ref.node() != leaves).count();
      if (candidates > 2L * shape.fanout) {
        result = collapse(result, height, reader, version);
      }
    }
    return result;
  }

  private List<IndexRef> collapse(
      List<IndexRef> refs, int height, SegmentReader reader, long version) throws IOException {
    List<IndexRef> before = new ArrayList<>();
    List<IndexRef> run = new ArrayList<>();
    List<IndexRef> after = new ArrayList<>();
    for (IndexRef ref : refs) {
      int found = height == 0 && !ref.node() ? 0 : height(ref, reader);
      if (found > height) {
        before.add(ref);
      } else {
        (found == height ? run : after).add(ref);
      }
    }
    while (run.size() > 2 * shape.fanout) {
      List<IndexRef> oldest = run.subList(0, shape.fanout);
      before.add(putNode(oldest, version));
      oldest.clear();
    }
    List<IndexRef> shorter = new ArrayList<>(before);
    shorter.addAll(run);
    shorter.addAll(after);
    // A tree of another shape than ours: leave it as it is.
    return isDense(shorter) ? shorter : refs;
  }

  private static int height(IndexRef ref, SegmentReader reader) throws IOException {
    int height = 0;
    IndexRef lower = ref;
    while (lower.node() && height <= Limits.INDEX_DEPTH) {
      height++;
      lower = reader.children(lower).get(0);
    }
    return height;
  }

  private static boolean isDense(List<IndexRef> refs) {
    for (int i = 1; i < refs.size(); i++) {
      if (refs.get(i).firstStep() != refs.get(i - 1).nextStep()) {
        return false;
      }
    }
    return true;
  }

  private IndexRef putNode(List<IndexRef> children, long version) throws IOException {
    Totals before = children.get(0).before();
    long next = children.get(children.size() - 1).nextStep();
    return new IndexRef(
        put(version, SegmentJson.encodeNode(stream, children)),
        true,
        before,
        next - before.steps());
  }

  private List<KeyedRef> producers(
      Optional<SnapshotRoot> base, SegmentReader reader, LogFold.Folded folded) throws IOException {
    return merged(
        base.map(SnapshotRoot::producers).orElse(List.of()),
        folded.producers(),
        ref -> {
          SortedMap<String, ProducerState> byId = new TreeMap<>(Utf8Order.INSTANCE);
          reader.producers(ref).forEach(producer -> byId.put(producer.id(), producer));
          return byId;
        },
        part -> SegmentJson.encodeProducers(stream, List.copyOf(part.values())),
        folded.state().version());
  }

  private List<KeyedRef> keys(
      Optional<SnapshotRoot> base, SegmentReader reader, LogFold.Folded folded) throws IOException {
    return merged(
        base.map(SnapshotRoot::keys).orElse(List.of()),
        folded.keys(),
        reader::keys,
        part -> SegmentJson.encodeKeys(stream, part),
        folded.state().version());
  }

  private interface Loader<T> {
    SortedMap<String, T> load(KeyedRef ref) throws IOException;
  }

  /** The refs of the base, but for those whose range a change falls into. */
  private <T> List<KeyedRef> merged(
      List<KeyedRef> base,
      Map<String, T> changes,
      Loader<T> loader,
      Function<SortedMap<String, T>, byte[]> encoder,
      long version)
      throws IOException {
    SortedMap<String, T> left = new TreeMap<>(Utf8Order.INSTANCE);
    left.putAll(changes);
    List<KeyedRef> refs = new ArrayList<>();
    for (int i = 0; i < base.size(); i++) {
      boolean last = i == base.size() - 1;
      SortedMap<String, T> own = last ? left : left.headMap(base.get(i + 1).first());
      if (own.isEmpty()) {
        refs.add(base.get(i));
      } else {
        SortedMap<String, T> all = loader.load(base.get(i));
        all.putAll(own);
        putParts(all, encoder, version, refs);
        own.clear();
      }
    }
    putParts(left, encoder, version, refs);
    return refs;
  }

  /** Parts of about equal weight, so that a part that is split leaves no splinters. */
  private <T> void putParts(
      SortedMap<String, T> all,
      Function<SortedMap<String, T>, byte[]> encoder,
      long version,
      List<KeyedRef> refs)
      throws IOException {
    ToIntFunction<Map.Entry<String, T>> bytes =
        entry -> {
          SortedMap<String, T> one = new TreeMap<>(Utf8Order.INSTANCE);
          one.put(entry.getKey(), entry.getValue());
          return encoder.apply(one).length;
        };
    double total = 0;
    for (Map.Entry<String, T> entry : all.entrySet()) {
      total += weight(bytes.applyAsInt(entry));
    }
    double share = total / Math.max(1, Math.ceil(total));
    SortedMap<String, T> part = new TreeMap<>(Utf8Order.INSTANCE);
    double weight = 0;
    for (Map.Entry<String, T> entry : all.entrySet()) {
      part.put(entry.getKey(), entry.getValue());
      weight += weight(bytes.applyAsInt(entry));
      if (weight >= share - 1e-9) {
        refs.add(putPart(part, encoder, version));
        part.clear();
        weight = 0;
      }
    }
    if (!part.isEmpty()) {
      refs.add(putPart(part, encoder, version));
    }
  }

  /** Which part of a full segment something takes. */
  private double weight(int bytes) {
    return Math.max(bytes / (double) shape.segmentBytes, 1.0 / shape.keyedElements);
  }

  private <T> KeyedRef putPart(
      SortedMap<String, T> part, Function<SortedMap<String, T>, byte[]> encoder, long version)
      throws IOException {
    return new KeyedRef(put(version, encoder.apply(part)), part.firstKey(), part.lastKey());
  }

  private SegmentLocation put(long version, byte[] content) throws IOException {
    ObjectKey key = StreamKeys.segment(version, uuids.get());
    if (store.putIfAbsent(key, checkSize(content)) != PutResult.CREATED) {
      throw new IOException("the segment " + key + " exists already, though its UUID is fresh");
    }
    return new SegmentLocation(key, content.length, Digest.of(content));
  }
}
