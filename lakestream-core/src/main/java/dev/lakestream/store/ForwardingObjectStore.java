// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A store that passes every operation on to another one. Whoever counts, refuses or renames what is
 * asked extends it and overrides just that; a new operation of {@link ObjectStore} reaches the
 * other store through all of them.
 *
 * <p>As thread-safe as the store behind it. Closing it closes that store.
 */
public abstract class ForwardingObjectStore implements ObjectStore {
  private final ObjectStore delegate;

  protected ForwardingObjectStore(ObjectStore delegate) {
    this.delegate = delegate;
  }

  /** The store that operations are passed on to. */
  protected final ObjectStore delegate() {
    return delegate;
  }

  @Override
  public URI root() {
    return delegate.root();
  }

  @Override
  public Optional<ObjectStore> parent() {
    return delegate.parent();
  }

  @Override
  public Atomicity atomicity() throws IOException {
    return delegate.atomicity();
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    return delegate.putIfAbsent(key, content);
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

  /** Who overrides {@link #get} overrides this as well. */
  @Override
  public List<byte[]> getWhilePresent(Stream<ObjectKey> keys, int limit) throws IOException {
    return delegate.getWhilePresent(keys, limit);
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
  public List<String> folders(Optional<ObjectKey> below) throws IOException {
    return delegate.folders(below);
  }

  @Override
  public List<String> hosts(ObjectKey key, long offset, long length) {
    return delegate.hosts(key, offset, length);
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
