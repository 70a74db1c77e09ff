// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** Counts the ranges that are read and their bytes. Thread-safe. */
final class CountingStore implements ObjectStore {
  private final ObjectStore store;
  private final LongAdder ranges = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  CountingStore(ObjectStore store) {
    this.store = store;
  }

  long ranges() {
    return ranges.sum();
  }

  long bytes() {
    return bytes.sum();
  }

  void reset() {
    ranges.reset();
    bytes.reset();
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    ranges.increment();
    bytes.add(length);
    return store.read(key, offset, length);
  }

  @Override
  public URI root() {
    return store.root();
  }

  @Override
  public Atomicity atomicity() throws IOException {
    return store.atomicity();
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    return store.putIfAbsent(key, content);
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    store.put(key, content);
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    return store.upload(key);
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    return store.get(key, limit);
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    return store.head(key);
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    return store.list(folder, startAfter);
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    store.delete(key);
  }

  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    return store.pendingUploads();
  }

  @Override
  public void abort(PendingUpload upload) throws IOException {
    store.abort(upload);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
