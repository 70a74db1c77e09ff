// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The segments that were used last, decoded. Segments are immutable and named by their content, so
 * nothing here is ever stale. Bounded by the bytes of the segments; the last one always stays.
 * Thread-safe.
 */
final class SegmentCache<V> {
  private final Map<Object, Kept<V>> segments = new LinkedHashMap<>(16, 0.75f, true);
  private final long capacity;
  private long bytes;

  private record Kept<V>(V content, int bytes) {}

  /** Fetches and decodes. */
  interface Loading<V> {
    V load() throws IOException;
  }

  /**
   * A cache of this capacity.
   *
   * @param capacity bytes of the segments as they are stored
   */
  SegmentCache(long capacity) {
    this.capacity = capacity;
  }

  /**
   * What this ref names.
   *
   * @param ref all that the content was checked against
   */
  V get(Object ref, SegmentLocation where, Loading<V> loading) throws IOException {
    Optional<V> kept = kept(ref);
    return kept.isPresent() ? kept.get() : keep(ref, where, loading.load());
  }

  private synchronized Optional<V> kept(Object ref) {
    return Optional.ofNullable(segments.get(ref)).map(Kept::content);
  }

  private synchronized V keep(Object ref, SegmentLocation where, V content) {
    Kept<V> former = segments.put(ref, new Kept<>(content, where.bytes()));
    bytes += where.bytes() - (former == null ? 0 : former.bytes());
    Iterator<Kept<V>> oldest = segments.values().iterator();
    while (bytes > capacity && segments.size() > 1) {
      bytes -= oldest.next().bytes();
      oldest.remove();
    }
    return content;
  }
}
