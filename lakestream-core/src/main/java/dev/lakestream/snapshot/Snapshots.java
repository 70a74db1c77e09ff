// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the snapshot to open a stream with, and the horizon. Thread-safe. */
public final class Snapshots {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  private final ObjectStore store;
  private final UUID stream;
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

  /** The newest root that can be read and is not below the horizon; a broken one is passed over. */
  public Optional<SnapshotRoot> newest(long horizon) throws IOException {
    return newest(horizon, Limits.MAX_INTEGER);
  }

  /** The newest root that can be read and has one of the versions from low to high. */
  public Optional<SnapshotRoot> newest(long low, long high) throws IOException {
    List<Long> versions = versions();
    for (int i = versions.size() - 1; i >= 0 && versions.get(i) >= low; i--) {
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
    return versions(store.list(StreamKeys.SNAPSHOTS, Optional.empty()));
  }

  /** The version below which entries may be gone; 0 if nothing ever was removed. */
  public long horizon() throws IOException {
    return versions(store.list(StreamKeys.HORIZON, Optional.empty())).stream()
        .reduce(0L, Math::max);
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

  private static List<Long> versions(List<ObjectInfo> objects) {
    return objects.stream()
        .map(info -> StreamKeys.version(info.key()))
        .filter(OptionalLong::isPresent)
        .map(OptionalLong::getAsLong)
        .sorted()
        .toList();
  }
}
