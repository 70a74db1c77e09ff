// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.host;

import java.io.InterruptedIOException;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What is not a function of the cache's inputs.
 *
 * @param clock the time of day, as file systems stamp
 * @param nanos a clock for durations, in nanoseconds
 * @param uuids names of files that are being written
 * @param pause waits for so many milliseconds
 */
record CacheEnvironment(
    InstantSource clock, LongSupplier nanos, Supplier<UUID> uuids, Pause pause) {
  /** Waits. */
  @FunctionalInterface
  interface Pause {
    void millis(long millis) throws InterruptedException;
  }

  void pauseFor(long millis) throws InterruptedIOException {
    try {
      pause.millis(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while another process fetches a range");
    }
  }

  static CacheEnvironment system() {
    return new CacheEnvironment(
        InstantSource.system(), System::nanoTime, UUID::randomUUID, Thread::sleep);
  }
}
