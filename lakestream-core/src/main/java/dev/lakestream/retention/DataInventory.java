// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The objects that one listing of {@code data/} found. What turns out to be reachable is taken out;
 * what is left is garbage once its session is fenced. No I/O.
 *
 * <p>Memory: some 300 bytes for each object.
 */
final class DataInventory {
  private final Map<ObjectKey, ObjectInfo> unreached = new HashMap<>();
  private final Map<String, Instant> newest = new HashMap<>();
  private final List<ObjectKey> foreign = new ArrayList<>();
  private long foreignBytes;
  private Extent reached = Extent.NONE;

  /** So many objects of so many bytes. */
  record Extent(long objects, long bytes) {
    static final Extent NONE = new Extent(0, 0);

    Extent plus(long more) {
      return new Extent(objects + 1, bytes + more);
    }
  }

  DataInventory(List<ObjectInfo> listed) {
    for (ObjectInfo info : listed) {
      Optional<StreamKeys.Owner> owner = StreamKeys.uploader(info.key());
      if (owner.isPresent()) {
        unreached.put(info.key(), info);
        newest.merge(
            owner.get().producer(),
            info.lastModified(),
            (left, right) -> left.isAfter(right) ? left : right);
      } else {
        // No commit can name it, but nobody knows whose it is: never touched.
        foreign.add(info.key());
        foreignBytes += info.size();
      }
    }
  }

  /** The object is needed. Nothing happens if the listing did not find it. */
  void reach(ObjectKey key) {
    ObjectInfo info = unreached.remove(key);
    if (info != null) {
      reached = reached.plus(info.size());
    }
  }

  /** What was reached so far. */
  Extent reached() {
    return reached;
  }

  /** The sessions that have objects which nothing reaches, with how much that is. */
  Map<StreamKeys.Owner, Extent> unreachedBySession() {
    Map<StreamKeys.Owner, Extent> sessions =
        new TreeMap<>(
            Comparator.comparing(StreamKeys.Owner::producer)
                .thenComparing(StreamKeys.Owner::epoch));
    for (ObjectInfo info : unreached.values()) {
      sessions.merge(
          owner(info), Extent.NONE.plus(info.size()), (sum, one) -> sum.plus(one.bytes()));
    }
    return sessions;
  }

  /** The unreached objects of the sessions that this accepts, by key. */
  List<ObjectInfo> unreachedOf(java.util.function.Predicate<StreamKeys.Owner> sessions) {
    return unreached.values().stream()
        .filter(info -> sessions.test(owner(info)))
        .sorted(Comparator.comparing(ObjectInfo::key))
        .toList();
  }

  /** When the newest object of a producer was stamped, reachable or not. */
  Optional<Instant> newest(String producer) {
    return Optional.ofNullable(newest.get(producer));
  }

  /** Objects below {@code data/} that are none of a stream. */
  List<ObjectKey> foreign() {
    return List.copyOf(foreign);
  }

  long foreignBytes() {
    return foreignBytes;
  }

  private static StreamKeys.Owner owner(ObjectInfo info) {
    return StreamKeys.uploader(info.key()).orElseThrow();
  }
}
