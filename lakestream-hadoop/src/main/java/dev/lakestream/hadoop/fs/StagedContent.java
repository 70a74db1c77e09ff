// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A staged file, a window at a time. */
final class StagedContent implements Content {
  private static final int WINDOW_BYTES = 1 << 20;

  private final ObjectStore store;
  private final ObjectKey key;
  private final long length;
  private Optional<Region> window = Optional.empty();
  private long windowStart;

  StagedContent(ObjectStore store, ObjectKey key, long length) {
    this.store = store;
    this.key = key;
    this.length = length;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void read(long position, ByteBuffer target) throws IOException {
    long next = position;
    while (target.hasRemaining()) {
      ByteBuffer bytes = window(next);
      int from = (int) (next - windowStart);
      int count = Math.min(target.remaining(), bytes.remaining() - from);
      target.put(bytes.slice(bytes.position() + from, count));
      next += count;
    }
  }

  /** The bytes of the window that has this position. */
  private ByteBuffer window(long position) throws IOException {
    if (window.isEmpty()
        || position < windowStart
        || position >= windowStart + window.get().bytes().remaining()) {
      release();
      windowStart = position;
      int wanted = (int) Math.min(WINDOW_BYTES, length - position);
      window = Optional.of(store.read(key, position, wanted));
    }
    return window.get().bytes();
  }

  @Override
  public void release() {
    window.ifPresent(Region::close);
    window = Optional.empty();
  }
}
