// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;

/** Counts what is read of bundles: requests and bytes, as the store serves them. Thread-safe. */
public final class CountingStore extends ForwardingObjectStore {
  private final LongAdder reads = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  /** Counts from 0. */
  public CountingStore(ObjectStore store) {
    super(store);
  }

  long reads() {
    return reads.sum();
  }

  /** Bytes of all ranges. */
  public long bytes() {
    return bytes.sum();
  }

  void reset() {
    reads.reset();
    bytes.reset();
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    reads.increment();
    bytes.add(length);
    return delegate().read(key, offset, length);
  }
}
