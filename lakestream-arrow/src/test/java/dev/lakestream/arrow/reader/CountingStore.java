// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;

/** Counts the ranges that are read and their bytes. Thread-safe. */
final class CountingStore extends ForwardingObjectStore {
  private final LongAdder ranges = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  CountingStore(ObjectStore store) {
    super(store);
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
    return delegate().read(key, offset, length);
  }
}
