// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Everything that is not a function of its inputs: the clock, randomness, waiting, work beside
 * one's own. Injected, so that every race can be replayed.
 *
 * @param uuids fresh random UUIDs
 * @param background does what nobody waits for, such as folding the log; may drop it
 */
public record Environment(
    InstantSource clock, Supplier<UUID> uuids, Pause pause, Executor background) {

  /** Without a background: whoever causes work does it at once. */
  public Environment(InstantSource clock, Supplier<UUID> uuids, Pause pause) {
    this(clock, uuids, pause, Runnable::run);
  }

  /** The real ones. */
  public static Environment system() {
    return new Environment(
        InstantSource.system(),
        UUID::randomUUID,
        time -> TimeUnit.NANOSECONDS.sleep(time.toNanos()),
        Environment::onDaemonThread);
  }

  private static void onDaemonThread(Runnable work) {
    Thread thread = new Thread(work, "lakestream-background");
    thread.setDaemon(true);
    thread.start();
  }
}
