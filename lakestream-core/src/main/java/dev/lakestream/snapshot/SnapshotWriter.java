// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.LogFold;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Totals;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a snapshot: segments first, the root last, so that a folder that dies half-way leaves
 * nothing but garbage. Two folders of the same version are harmless: the first root stays, and both
 * say the same.
 *
 * <p>Must (invariant 9): write what changed since the base and little else. Of the index, that is
 * the right edge of the tree. Producers that commit are few beside those that ever did: they are
 * kept apart, as the recent ones, and move to the tree of all others when they have been silent for
 * long; of that tree, and of the tree of keys, only what something falls into is written again.
 */
public final class SnapshotWriter {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotWriter.class);

  private final ObjectStore store;
  private final UUID stream;
  private final Supplier<UUID> uuids;
  private final Shape shape;

  /**
   * When segments are full. The format leaves that to writers.
   *
   * @param leafCommits commits of a leaf of the index
   * @param leafSteps steps of a leaf of the index
   * @param leafBytes about how many bytes a leaf of the index may have
   * @param indexFanout how many refs a node of the index has
   * @param indexRefs how many refs of the index the root has at most, or nearly: as long as no node
   *     can be made of them, it has more
   * @param fanout how many refs a node of producers or keys has at most
   * @param rootRefs how many refs of producers or of keys the root has at most
   * @param segmentBytes about how many bytes a segment of producers or keys may have
   * @param keyedElements producers or keys of a segment
   * @param recentProducers how many producers are kept apart; up to a quarter more for a while
   */
  public record Shape(
      int leafCommits,
      int leafSteps,
      int leafBytes,
      int indexFanout,
      int indexRefs,
      int fanout,
      int rootRefs,
      int segmentBytes,
      int keyedElements,
      int recentProducers) {
    /**
     * A find fetches a leaf of 64 KiB, of long histories a node of 90 KiB before it. A packed ref
     * of the index takes 84 bytes of the root, so that it has 260 KiB at most.
     */
    public static final Shape DEFAULT =
        new Shape(1024, 4096, 64 << 10, 1024, 3072, 128, 32, 256 << 10, 128, 1024);

    /** A shape whose other bounds follow from these. */
    public Shape(int leafCommits, int leafSteps, int leafBytes, int fanout, int keyedElements) {
      this(
          leafCommits,
          leafSteps,
          leafBytes,
          fanout,
          fanout,
          fanout,
          fanout,
          leafBytes,
          keyedElements,
          2 * keyedElements);
    }
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
    SegmentWriter writer = new SegmentWriter(store, uuids, folded.state().version());
    IndexRefs index =
        new IndexTreeWriter(stream, shape, reader, writer)
            .appended(
                base.map(SnapshotRoot::index)
                    .orElseGet(() -> IndexRefs.none(before(folded.state(), tail))),
                tail);
    Producers producers = producers(base, reader, writer, folded);
    SnapshotRoot root =
        new SnapshotRoot(
            stream,
            folded.state(),
            index.from(folded.state().firstReadable()),
            producers.recent,
            producers.older,
            keyTree(reader, writer)
                .merged(base.map(SnapshotRoot::keys).orElse(List.of()), folded.keys()));
    return !isOvertaken(base) && putRoot(root) ? Optional.of(root) : Optional.empty();
  }

  /** Totals before the first step that the index is to cover. */
  private static Totals before(StreamState state, List<CondensedCommit> tail) {
    return tail.isEmpty() ? state.totals() : tail.get(0).before();
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
    PutResult result = store.putIfAbsent(StreamKeys.snapshot(version), encode(root));
    // Also of another folder's root, who may have died before it came to say so.
    putHint(version);
    return result == PutResult.CREATED;
  }

  /** Nobody trusts a hint, so nothing depends on it. */
  private void putHint(long version) {
    try {
      store.put(StreamKeys.HINT, SealedJson.seal(SealedJson.object().put("version", version)));
    } catch (IOException e) {
      LOG.debug("the hint was not written: {}", e.getMessage());
    }
  }

  /** What we write must be what any reader accepts: the log may be removed on its word. */
  private static byte[] encode(SnapshotRoot root) {
    byte[] content = SegmentWriter.checkSize(SnapshotJson.encode(root));
    long version = root.state().version();
    try {
      SnapshotJson.decode(StreamKeys.snapshot(version).value(), version, content);
    } catch (CorruptObjectException e) {
      throw new InvalidRequestException("the snapshot would be unreadable: " + e.getMessage());
    }
    return content;
  }

  private record Producers(List<KeyedRef> recent, List<KeyedRef> older) {}

  /** The recent ones with what changed; if they became too many, the most silent ones leave. */
  private Producers producers(
      Optional<SnapshotRoot> base,
      SegmentReader reader,
      SegmentWriter writer,
      LogFold.Folded folded)
      throws IOException {
    List<KeyedRef> recent = base.map(SnapshotRoot::recent).orElse(List.of());
    List<KeyedRef> older = base.map(SnapshotRoot::producers).orElse(List.of());
    long count = recent.stream().mapToLong(KeyedRef::count).sum();
    KeyedTreeWriter<ProducerState> trees = producerTree(reader, writer);
    if (count + folded.producers().size() <= shape.recentProducers() * 5L / 4) {
      return new Producers(trees.merged(recent, folded.producers()), older);
    }
    Map<String, ProducerState> known = new HashMap<>();
    new KeyedTree<>(recent, KeyedKind.PRODUCERS, reader, reader::producersById).forEach(known::put);
    known.putAll(folded.producers());
    List<ProducerState> newestFirst =
        known.values().stream()
            .sorted(
                Comparator.comparingLong(ProducerState::version)
                    .reversed()
                    .thenComparing(ProducerState::id, Utf8Order.INSTANCE))
            .toList();
    int kept = Math.min(shape.recentProducers(), newestFirst.size());
    return new Producers(
        trees.merged(List.of(), byId(newestFirst.subList(0, kept))),
        trees.merged(older, byId(newestFirst.subList(kept, newestFirst.size()))));
  }

  private static Map<String, ProducerState> byId(List<ProducerState> producers) {
    Map<String, ProducerState> byId = new HashMap<>();
    producers.forEach(producer -> byId.put(producer.id(), producer));
    return byId;
  }

  private KeyedTreeWriter<ProducerState> producerTree(SegmentReader reader, SegmentWriter writer) {
    return new KeyedTreeWriter<>(
        stream,
        shape,
        reader,
        writer,
        KeyedKind.PRODUCERS,
        reader::producersById,
        part -> SegmentJson.encodeProducers(stream, List.copyOf(part.values())));
  }

  private KeyedTreeWriter<Long> keyTree(SegmentReader reader, SegmentWriter writer) {
    return new KeyedTreeWriter<>(
        stream,
        shape,
        reader,
        writer,
        KeyedKind.KEYS,
        reader::keys,
        part -> SegmentJson.encodeKeys(stream, part));
  }
}
