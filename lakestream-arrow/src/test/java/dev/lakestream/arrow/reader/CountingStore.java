// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.IOException;

/** Counts the ranges that are read and their bytes. */
final class CountingStore extends ForwardingObjectStore {
  private long ranges;
  private long bytes;

  CountingStore(ObjectStore store) {
    super(store);
  }

  long ranges() {
    return ranges;
  }

  long bytes() {
    return bytes;
  }

  void reset() {
    ranges = 0;
    bytes = 0;
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    ranges++;
    bytes += length;
    return delegate().read(key, offset, length);
  }
}
