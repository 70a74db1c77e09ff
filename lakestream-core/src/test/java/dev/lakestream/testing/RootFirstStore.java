// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.store.Atomicity;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A saboteur: puts the root of a snapshot first, and then the segments that it names. */
public final class RootFirstStore implements ObjectStore {
  private final ObjectStore delegate;
  private final Map<ObjectKey, byte[]> heldBack = new LinkedHashMap<>();

  public RootFirstStore(ObjectStore delegate) {
    this.delegate = delegate;
  }

  @Override
  public URI root() {
    return delegate.root();
  }

  @Override
  public Atomicity atomicity() throws IOException {
    return delegate.atomicity();
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    if (key.value().startsWith("segments/")) {
      heldBack.put(key, content);
      return PutResult.CREATED;
    }
    PutResult result = delegate.putIfAbsent(key, content);
    for (Map.Entry<ObjectKey, byte[]> segment : heldBack.entrySet()) {
      delegate.putIfAbsent(segment.getKey(), segment.getValue());
    }
    heldBack.clear();
    return result;
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    delegate.put(key, content);
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    return delegate.upload(key);
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    return delegate.get(key, limit);
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    return delegate.read(key, offset, length);
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    return delegate.head(key);
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    return delegate.list(folder, startAfter);
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    delegate.delete(key);
  }

  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    return delegate.pendingUploads();
  }

  @Override
  public void abort(PendingUpload upload) throws IOException {
    delegate.abort(upload);
  }

  @Override
  public void close() throws IOException {
    delegate.close();
  }
}
