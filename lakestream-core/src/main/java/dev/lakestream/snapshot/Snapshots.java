// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the snapshot to open a stream with, and the horizon. Thread-safe. */
public final class Snapshots {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  private final ObjectStore store;
  private final UUID stream;
  private final AtomicLong highestHorizon = new AtomicLong();
  private final Optional<Long> firstOwn;

  public Snapshots(ObjectStore store, UUID stream) {
    this(store, stream, Optional.empty());
  }

  /** Passes over roots, too, that say of another step that it is the first own one. */
  public Snapshots(ObjectStore store, UUID stream, long firstOwn) {
    this(store, stream, Optional.of(firstOwn));
  }

  private Snapshots(ObjectStore store, UUID stream, Optional<Long> firstOwn) {
    this.store = store;
    this.stream = stream;
    this.firstOwn = firstOwn;
  }

  /**
   * A root to open a stream with: the hint's if no more than so many entries follow it, or else the
   * newest one. So an opening that goes well lists no roots, however many there are.
   */
  public Optional<SnapshotRoot> recent(long horizon, long entries) throws IOException {
    long hint = hint();
    if (hint > horizon && isNearTail(hint, entries)) {
      Optional<SnapshotRoot> root = read(hint);
      if (root.isPresent()) {
        return root;
      }
    }
    return newestFrom(hint, horizon);
  }

  /** Whether no more than so many entries follow that of this version. */
  private boolean isNearTail(long version, long entries) throws IOException {
    return version < Limits.MAX_INTEGER - entries
        && store.head(StreamKeys.entry(version + entries + 1)).isEmpty();
  }

  /**
   * The newest root that can be read and is not below the horizon; a broken one is passed over. The
   * hint only saves the listing of older roots.
   */
  public Optional<SnapshotRoot> newest(long horizon) throws IOException {
    return newestFrom(hint(), horizon);
  }

  private Optional<SnapshotRoot> newestFrom(long hint, long horizon) throws IOException {
    if (hint > horizon) {
      Optional<SnapshotRoot> root = newest(hint, Limits.MAX_INTEGER);
      if (root.isPresent()) {
        return root;
      }
    }
    return newest(horizon, Limits.MAX_INTEGER);
  }

  /** The newest root that can be read and has one of the versions from low to high. */
  public Optional<SnapshotRoot> newest(long low, long high) throws IOException {
    List<Long> versions = versions(StreamKeys.SNAPSHOTS, low);
    for (int i = versions.size() - 1; i >= 0; i--) {
      Optional<SnapshotRoot> root =
          versions.get(i) <= high ? read(versions.get(i)) : Optional.empty();
      if (root.isPresent()) {
        return root;
      }
    }
    return Optional.empty();
  }

  /** The versions of which there are roots, good or broken, in ascending order. */
  public List<Long> versions() throws IOException {
    return versions(StreamKeys.SNAPSHOTS, 0);
  }

  /** The version below which entries may be gone; 0 if nothing ever was removed. */
  public long horizon() throws IOException {
    // Horizons only rise, so what lies below the one that is known need not be listed.
    long known = highestHorizon.get();
    long found =
        versions(StreamKeys.HORIZON, known == 0 ? 0 : known + 1).stream().reduce(known, Math::max);
    return highestHorizon.accumulateAndGet(found, Math::max);
  }

  /** A version of which there was a root; 0 if nobody can tell. It may be wrong in any way. */
  private long hint() throws IOException {
    try {
      // Until somebody folds there is none, which is no failure.
      List<byte[]> found =
          store.getWhilePresent(Stream.of(StreamKeys.HINT), Limits.SMALL_OBJECT_BYTES);
      return found.isEmpty()
          ? 0
          : SealedJson.open(StreamKeys.HINT.value(), found.get(0)).integer("version");
    } catch (CorruptObjectException e) {
      LOG.debug("the hint is of no use: {}", e.getMessage());
      return 0;
    }
  }

  /** The root of this version; empty if it is absent, broken or of another stream. */
  public Optional<SnapshotRoot> read(long version) throws IOException {
    String object = StreamKeys.snapshot(version).value();
    try {
      SnapshotRoot root =
          SnapshotJson.decode(
              object, version, store.get(StreamKeys.snapshot(version), Limits.SEGMENT_BYTES));
      if (root.stream().equals(stream)
          && firstOwn.filter(own -> own != root.state().firstOwn()).isEmpty()) {
        return Optional.of(root);
      }
      LOG.warn("{} belongs to the stream {}, not {}; passed over", object, root.stream(), stream);
    } catch (CorruptObjectException e) {
      LOG.warn("{}; passed over for an older snapshot", e.getMessage());
    } catch (ObjectNotFoundException e) {
      LOG.debug("{} was removed while it was looked for", object);
    }
    return Optional.empty();
  }

  /** The versions from this one on that have an object in a folder, in ascending order. */
  private List<Long> versions(ObjectKey folder, long low) throws IOException {
    Optional<ObjectKey> startAfter =
        low > 0 ? Optional.of(StreamKeys.versioned(folder, low - 1)) : Optional.empty();
    List<Long> versions = new ArrayList<>();
    for (ObjectInfo info : store.list(folder, startAfter)) {
      OptionalLong version = StreamKeys.version(info.key());
      if (version.isPresent() && version.getAsLong() >= low) {
        versions.add(version.getAsLong());
      }
    }
    Collections.sort(versions);
    return Collections.unmodifiableList(versions);
  }
}
