// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Everything that is not a function of its inputs: the clock, randomness, waiting. Injected, so
 * that every race can be replayed.
 *
 * @param uuids fresh random UUIDs
 */
public record Environment(InstantSource clock, Supplier<UUID> uuids, Pause pause) {
  /** The real ones. */
  public static Environment system() {
    return new Environment(
        InstantSource.system(), UUID::randomUUID, time -> Thread.sleep(time.toMillis()));
  }
}
