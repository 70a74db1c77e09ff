// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The objects of a world. Each method is one moment; what may happen between a client and the store
 * is the business of {@link StoreClient}. Its clock is right.
 */
public final class SimulatedStore {
  private final World world;
  private final Archive archive = new Archive();
  private final NavigableMap<String, Stored> objects = new TreeMap<>();
  private final Map<String, PendingUpload> uploads = new TreeMap<>();
  private int begun;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Stored(ObjectKey key, byte[] content, Instant time) {
    ObjectInfo info() {
      return new ObjectInfo(key, content.length, time);
    }
  }

  public SimulatedStore(World world) {
    this.world = world;
  }

  public Archive archive() {
    return archive;
  }

  /** The store as a process reaches it. */
  public StoreClient client(SimulatedProcess process) {
    return new StoreClient(this, process);
  }

  PutResult create(ObjectKey key, byte[] content) {
    if (objects.containsKey(key.value())) {
      return PutResult.EXISTS;
    }
    objects.put(key.value(), new Stored(key, content, world.instant()));
    archive.created(world.now(), key.value(), content, false);
    return PutResult.CREATED;
  }

  void replace(ObjectKey key, byte[] content) {
    boolean existed = objects.put(key.value(), new Stored(key, content, world.instant())) != null;
    archive.created(world.now(), key.value(), content, existed);
  }

  Optional<byte[]> find(ObjectKey key) {
    return Optional.ofNullable(objects.get(key.value())).map(Stored::content);
  }

  Optional<ObjectInfo> info(ObjectKey key) {
    return Optional.ofNullable(objects.get(key.value())).map(Stored::info);
  }

  void remove(ObjectKey key) {
    if (objects.remove(key.value()) != null) {
      archive.deleted(world.now(), key.value());
    }
  }

  /** The first keys below a prefix that come after another one. */
  List<ObjectInfo> page(String prefix, String after, int limit) {
    List<ObjectInfo> found = new ArrayList<>();
    for (Map.Entry<String, Stored> object : objects.tailMap(after, false).entrySet()) {
      if (!object.getKey().startsWith(prefix) || found.size() == limit) {
        break;
      }
      found.add(object.getValue().info());
    }
    return found;
  }

  PendingUpload begin(ObjectKey key) {
    PendingUpload upload =
        new PendingUpload("upload-" + begun++, Optional.of(key), 0, world.instant());
    uploads.put(upload.id(), upload);
    return upload;
  }

  /** Whether the upload was there. */
  boolean end(PendingUpload upload) {
    return uploads.remove(upload.id()) != null;
  }

  /** Uploads that were begun and have not come to an end. */
  public List<PendingUpload> pending() {
    return List.copyOf(uploads.values());
  }

  /** The keys that exist now. */
  public List<String> keys() {
    return List.copyOf(objects.keySet());
  }
}
