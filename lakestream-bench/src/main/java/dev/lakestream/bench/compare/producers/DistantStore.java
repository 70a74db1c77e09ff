// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.producers;

import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A store that answers as late as the simulated one does at its median: 30 ms for a put, which is
 * decided after 20 of them, and 15 ms for a get. Uploads of data are not held up: none waits for
 * them.
 */
final class DistantStore extends ForwardingObjectStore {
  private static final long UNTIL_DECIDED = 20_000_000;
  private static final long UNTIL_ANSWERED = 10_000_000;
  private static final long GET = 15_000_000;

  DistantStore(ObjectStore store) {
    super(store);
  }

  private static void pass(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    pass(UNTIL_DECIDED);
    PutResult result = delegate().putIfAbsent(key, content);
    pass(UNTIL_ANSWERED);
    return result;
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    pass(GET);
    return delegate().get(key, limit);
  }

  /** Side by side, as a client asks for several. */
  @Override
  public List<byte[]> getWhilePresent(Stream<ObjectKey> keys, int limit) throws IOException {
    pass(GET);
    return delegate().getWhilePresent(keys, limit);
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    pass(GET);
    return delegate().list(folder, startAfter);
  }
}
