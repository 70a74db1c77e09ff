// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import java.io.InterruptedIOException;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What is not a function of the store's inputs.
 *
 * @param clock the time of day, for errors
 * @param nanos a clock for durations, in nanoseconds
 * @param uuids names of uploads
 * @param pause waits for so many milliseconds
 */
record S3Environment(InstantSource clock, LongSupplier nanos, Supplier<UUID> uuids, Pause pause) {
  /** Waits. */
  @FunctionalInterface
  interface Pause {
    void millis(long millis) throws InterruptedException;
  }

  private static final long FIRST_PAUSE_MILLIS = 50;

  /** Waits after a failed attempt at something, longer after each. */
  void pauseAfter(String what, int attempt) throws InterruptedIOException {
    try {
      pause.millis(FIRST_PAUSE_MILLIS << Math.min(attempt, 5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before another attempt at the " + what);
    }
  }

  static S3Environment system() {
    return new S3Environment(
        InstantSource.system(), System::nanoTime, UUID::randomUUID, Thread::sleep);
  }
}
