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

  private final HedgedGets gets;
  private final StallWatch stalls;
  private final S3Location location;
  private final S3Options options;
  private final S3Errors errors;
  private final S3Environment environment;
  private final Executor executor;
  private final MemoryPool memory;
  private final ConcurrentLinkedQueue<byte[]> scratch = new ConcurrentLinkedQueue<>();

  RangeReader(
      HedgedGets gets,
      StallWatch stalls,
      S3Location location,
      S3Options options,
      S3Errors errors,
      S3Environment environment,
      Executor executor,
      MemoryPool memory) {
    this.gets = gets;
    this.stalls = stalls;
    this.location = location;
    this.options = options;
    this.errors = errors;
    this.environment = environment;
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

  HedgedGets gets() {
    return gets;
  }

  StallWatch stalls() {
    return stalls;
  }

  S3Location location() {
    return location;
  }

  S3Options options() {
    return options;
  }

  S3Errors errors() {
    return errors;
  }

  S3Environment environment() {
    return environment;
  }

  Executor executor() {
    return executor;
  }
}
