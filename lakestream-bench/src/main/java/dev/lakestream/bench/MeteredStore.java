// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.GetsAhead;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Counts what is asked of a store, and how long an object store would take for it: so long for each
 * request, and its bytes by a bandwidth. One after the other, so what is asked at the same time
 * must not be measured with it. Not thread-safe.
 */
public final class MeteredStore extends ForwardingObjectStore {
  private static final double PUT_MILLIS = 30;
  private static final double GET_MILLIS = 15;
  private static final double BYTES_PER_MILLI = 100_000;
  private static final int KEYS_PER_LISTING = 1000;

  private Meter meter = Meter.ZERO;

  /**
   * What was asked for.
   *
   * @param virtualMillis how long an object store would have taken
   */
  public record Meter(long requests, long written, long read, double virtualMillis) {
    static final Meter ZERO = new Meter(0, 0, 0, 0);

    Meter plus(Meter other) {
      return new Meter(
          requests + other.requests,
          written + other.written,
          read + other.read,
          virtualMillis + other.virtualMillis);
    }
  }

  /** Counts from 0. */
  public MeteredStore(ObjectStore store) {
    super(store);
  }

  /** What was asked for since the last call. */
  public Meter take() {
    Meter taken = meter;
    meter = Meter.ZERO;
    return taken;
  }

  private void count(long requests, long written, long read, double millisEach) {
    double transfer = (written + read) / BYTES_PER_MILLI;
    meter = meter.plus(new Meter(requests, written, read, requests * millisEach + transfer));
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    count(1, content.length, 0, PUT_MILLIS);
    return delegate().putIfAbsent(key, content);
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    count(1, content.length, 0, PUT_MILLIS);
    delegate().put(key, content);
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    throw new UnsupportedOperationException("histories have no data");
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    try {
      byte[] content = delegate().get(key, limit);
      count(1, 0, content.length, GET_MILLIS);
      return content;
    } catch (ObjectNotFoundException e) {
      count(1, 0, 0, GET_MILLIS);
      throw e;
    }
  }

  /** Side by side, as {@link GetsAhead} asks a store behind a network: a chain of its rounds. */
  @Override
  public List<byte[]> getWhilePresent(Stream<ObjectKey> keys, int limit) throws IOException {
    List<byte[]> found = delegate().getWhilePresent(keys, limit);
    long read = found.stream().mapToLong(content -> content.length).sum();
    long requests = 0;
    long rounds = 0;
    while (requests <= found.size()) {
      requests += GetsAhead.atOnce(requests);
      rounds++;
    }
    double millis = rounds * GET_MILLIS + read / BYTES_PER_MILLI;
    meter = meter.plus(new Meter(requests, 0, read, millis));
    return found;
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    count(1, 0, length, GET_MILLIS);
    return delegate().read(key, offset, length);
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    count(1, 0, 0, GET_MILLIS);
    return delegate().head(key);
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    List<ObjectInfo> found = delegate().list(folder, startAfter);
    count(1 + found.size() / KEYS_PER_LISTING, 0, 0, GET_MILLIS);
    return found;
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    count(1, 0, 0, PUT_MILLIS);
    delegate().delete(key);
  }
}
