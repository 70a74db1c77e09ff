// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Limits;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BiConsumer;

/**
 * Finds a producer or a key in a tree of keyed segments: one fetch for each level that is not
 * remembered. Thread-safe.
 */
final class KeyedTree<T> {
  private final List<KeyedRef> roots;
  private final KeyedKind kind;
  private final SegmentReader reader;
  private final Leaves<T> leaves;

  /** Fetches a leaf. */
  interface Leaves<T> {
    SortedMap<String, T> load(KeyedRef ref) throws IOException;
  }

  KeyedTree(List<KeyedRef> roots, KeyedKind kind, SegmentReader reader, Leaves<T> leaves) {
    this.roots = roots;
    this.kind = kind;
    this.reader = reader;
    this.leaves = leaves;
  }

  boolean isEmpty() {
    return roots.isEmpty();
  }

  /** What has this name, if anything. */
  Optional<T> find(String name) throws IOException {
    Optional<KeyedRef> found = covering(roots, name);
    for (int depth = 0; found.isPresent() && found.get().node(); depth++) {
      found = covering(children(found.get(), depth), name);
    }
    return found.isPresent()
        ? Optional.ofNullable(leaves.load(found.get()).get(name))
        : Optional.empty();
  }

  /** All of it, in order. */
  void forEach(BiConsumer<String, T> visitor) throws IOException {
    visit(roots, 0, visitor);
  }

  private void visit(List<KeyedRef> refs, int depth, BiConsumer<String, T> visitor)
      throws IOException {
    for (KeyedRef ref : refs) {
      if (ref.node()) {
        visit(children(ref, depth), depth + 1, visitor);
      } else {
        leaves.load(ref).forEach(visitor);
      }
    }
  }

  private List<KeyedRef> children(KeyedRef node, int depth) throws IOException {
    if (depth >= Limits.INDEX_DEPTH) {
      throw new CorruptObjectException(
          node.where().key().value(),
          "the " + kind.leaf() + " are deeper than " + Limits.INDEX_DEPTH + " nodes");
    }
    return reader.children(kind, node);
  }

  private static Optional<KeyedRef> covering(List<KeyedRef> refs, String name) {
    int low = 0;
    int high = refs.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      KeyedRef ref = refs.get(middle);
      if (Utf8Order.INSTANCE.compare(name, ref.first()) < 0) {
        high = middle - 1;
      } else if (Utf8Order.INSTANCE.compare(name, ref.last()) > 0) {
        low = middle + 1;
      } else {
        return Optional.of(ref);
      }
    }
    return Optional.empty();
  }
}
