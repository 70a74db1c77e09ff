// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.store.MemoryPool;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/**
 * Reads ranges into memory outside of the heap. On its way from the socket each byte passes one
 * array, of a few that are used again and again: the SDK's blocking client wants one, its others
 * allocate one for everything that comes.
 *
 * @see RangeRead
 */
final class RangeReader {
  /** Larger than the HTTP client's own buffer, so that it is passed by. */
  private static final int SCRATCH_BYTES = 128 << 10;

  private final S3Reading reading;
  private final Executor executor;
  private final MemoryPool memory;
  private final ConcurrentLinkedQueue<byte[]> scratch = new ConcurrentLinkedQueue<>();

  RangeReader(S3Reading reading, Executor executor, MemoryPool memory) {
    this.reading = reading;
    this.executor = executor;
    this.memory = memory;
  }

  /** Reads at least one byte. */
  Region read(ObjectKey key, long offset, int length) throws IOException {
    return new RangeRead(this, key, offset, length).run();
  }

  /** An array to read through. As many exist as were ever in use at a time. */
  byte[] takeScratch() {
    byte[] free = scratch.poll();
    return free == null ? new byte[SCRATCH_BYTES] : free;
  }

  void returnScratch(byte[] array) {
    scratch.add(array);
  }

  MemoryPool memory() {
    return memory;
  }

  S3Reading reading() {
    return reading;
  }

  Executor executor() {
    return executor;
  }
}
