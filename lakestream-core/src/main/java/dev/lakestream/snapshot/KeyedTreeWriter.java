// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;

/**
 * Changes a tree of producers or keys: the leaves that a change falls into and the nodes above them
 * are written again, everything else stays.
 */
final class KeyedTreeWriter<T> {
  private final UUID stream;
  private final SnapshotWriter.Shape shape;
  private final SegmentReader reader;
  private final SegmentWriter writer;
  private final KeyedKind kind;
  private final KeyedTree.Leaves<T> leaves;
  private final Function<SortedMap<String, T>, byte[]> encoder;

  KeyedTreeWriter(
      UUID stream,
      SnapshotWriter.Shape shape,
      SegmentReader reader,
      SegmentWriter writer,
      KeyedKind kind,
      KeyedTree.Leaves<T> leaves,
      Function<SortedMap<String, T>, byte[]> encoder) {
    this.stream = stream;
    this.shape = shape;
    this.reader = reader;
    this.writer = writer;
    this.kind = kind;
    this.leaves = leaves;
    this.encoder = encoder;
  }

  /** The refs of a root, with these producers or keys added or replaced. */
  List<KeyedRef> merged(List<KeyedRef> base, Map<String, T> changes) throws IOException {
    if (changes.isEmpty()) {
      return base;
    }
    SortedMap<String, T> sorted = new TreeMap<>(Utf8Order.INSTANCE);
    sorted.putAll(changes);
    List<KeyedRef> refs = base.isEmpty() ? parts(sorted) : mergedInto(base, sorted, 0);
    while (refs.size() > shape.rootRefs() && height(refs) < Limits.INDEX_DEPTH) {
      refs = nodes(refs);
    }
    return refs;
  }

  /** Empties the changes. */
  private List<KeyedRef> mergedInto(List<KeyedRef> refs, SortedMap<String, T> changes, int depth)
      throws IOException {
    List<KeyedRef> result = new ArrayList<>();
    for (int i = 0; i < refs.size(); i++) {
      boolean last = i == refs.size() - 1;
      SortedMap<String, T> own = last ? changes : changes.headMap(refs.get(i + 1).first());
      if (own.isEmpty()) {
        result.add(refs.get(i));
      } else {
        result.addAll(mergedInto(refs.get(i), own, depth));
        own.clear();
      }
    }
    return result;
  }

  private List<KeyedRef> mergedInto(KeyedRef ref, SortedMap<String, T> own, int depth)
      throws IOException {
    if (!ref.node()) {
      SortedMap<String, T> all = new TreeMap<>(Utf8Order.INSTANCE);
      all.putAll(leaves.load(ref));
      all.putAll(own);
      return parts(all);
    }
    if (depth >= Limits.INDEX_DEPTH) {
      throw new CorruptObjectException(
          ref.where().key().value(),
          "the " + kind.leaf() + " are deeper than " + Limits.INDEX_DEPTH + " nodes");
    }
    return nodes(mergedInto(reader.children(kind, ref), own, depth + 1));
  }

  private List<KeyedRef> parts(SortedMap<String, T> all) throws IOException {
    if (all.size() <= shape.keyedElements()) {
      byte[] whole = encoder.apply(all);
      if (whole.length <= shape.segmentBytes()) {
        return List.of(putPart(all, whole));
      }
    }
    return equalParts(all);
  }

  /** Parts of about equal weight, so that a part that is split leaves no splinters. */
  private List<KeyedRef> equalParts(SortedMap<String, T> all) throws IOException {
    Map<String, Double> weights = new HashMap<>();
    all.forEach((name, element) -> weights.put(name, weight(name, element)));
    double total = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    double share = total / Math.max(1, Math.ceil(total));
    List<KeyedRef> refs = new ArrayList<>();
    SortedMap<String, T> part = new TreeMap<>(Utf8Order.INSTANCE);
    double weight = 0;
    for (Map.Entry<String, T> entry : all.entrySet()) {
      part.put(entry.getKey(), entry.getValue());
      weight += weights.getOrDefault(entry.getKey(), 0.0);
      if (weight >= share - 1e-9) {
        refs.add(putPart(part, encoder.apply(part)));
        part.clear();
        weight = 0;
      }
    }
    if (!part.isEmpty()) {
      refs.add(putPart(part, encoder.apply(part)));
    }
    return refs;
  }

  /** Which part of a full segment something takes. */
  private double weight(String name, T element) {
    SortedMap<String, T> one = new TreeMap<>(Utf8Order.INSTANCE);
    one.put(name, element);
    int bytes = encoder.apply(one).length;
    return Math.max(bytes / (double) shape.segmentBytes(), 1.0 / shape.keyedElements());
  }

  private KeyedRef putPart(SortedMap<String, T> part, byte[] content) throws IOException {
    return new KeyedRef(writer.put(content), false, part.firstKey(), part.lastKey(), part.size());
  }

  /** As few nodes for these refs as may be, of about equal size. */
  private List<KeyedRef> nodes(List<KeyedRef> refs) throws IOException {
    int count = (refs.size() + shape.fanout() - 1) / shape.fanout();
    List<KeyedRef> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<KeyedRef> children =
          refs.subList(i * refs.size() / count, (i + 1) * refs.size() / count);
      nodes.add(
          new KeyedRef(
              writer.put(SegmentJson.encodeKeyedNode(stream, kind, children)),
              true,
              children.get(0).first(),
              children.get(children.size() - 1).last(),
              children.stream().mapToLong(KeyedRef::count).sum()));
    }
    return nodes;
  }

  private int height(List<KeyedRef> refs) throws IOException {
    int height = 0;
    KeyedRef lower = refs.get(0);
    while (lower.node() && height < Limits.INDEX_DEPTH) {
      height++;
      lower = reader.children(kind, lower).get(0);
    }
    return height;
  }
}
