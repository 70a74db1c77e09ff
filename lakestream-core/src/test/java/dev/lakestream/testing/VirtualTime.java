// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.stream.Environment;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.UUID;

/** Time that passes only when somebody pauses, and UUIDs from a seed. Thread-safe. */
public final class VirtualTime implements InstantSource {
  /** Where every history of the tests begins. */
  public static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final Random random;
  private Instant now = BEGIN;
  private Duration paused = Duration.ZERO;

  public VirtualTime(long seed) {
    this.random = new Random(seed);
  }

  /** An environment that runs on this time. */
  public Environment environment() {
    return new Environment(this, this::uuid, this::pause);
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  /** Lets time pass. */
  public synchronized void pass(Duration time) {
    now = now.plus(time);
  }

  /** How long everybody has paused, together. */
  public synchronized Duration paused() {
    return paused;
  }

  /** The next UUID of the seed, of version 4. */
  public synchronized UUID uuid() {
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & ~(3L << 62)) | (2L << 62);
    return new UUID(high, low);
  }

  private synchronized void pause(Duration time) {
    now = now.plus(time);
    paused = paused.plus(time);
  }
}
