// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import dev.lakestream.stream.Environment;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A process of a simulated world: a thread of its own as far as its code can tell, a clock that may
 * be wrong, and an end that may come at any scheduling point.
 */
public final class SimulatedProcess implements InstantSource {
  /** What a process does from its start to its end. */
  @FunctionalInterface
  public interface Body {
    /** Runs until the process is done; a {@link Crash} must pass. */
    void run(SimulatedProcess process) throws Exception;
  }

  /** Told of the end of a process, while the world stands still. */
  @FunctionalInterface
  public interface Mourner {
    /**
     * Looks at what ended.
     *
     * @param failure what the body threw, a {@link Crash} perhaps; null if it returned
     */
    void ended(SimulatedProcess process, @Nullable Throwable failure);
  }

  /** How long requests of a process near the store take, compared to those of one far away. */
  private static final double NEAR = 0.04;

  private final World world;
  private final String name;
  private final Body body;
  private final Mourner mourner;
  private final SplittableRandom random;
  private final double distance;
  private long clockOffset;
  private boolean dead;
  private @Nullable Carrier carrier;

  SimulatedProcess(World world, String name, long clockOffset, Body body, Mourner mourner) {
    this.world = world;
    this.name = name;
    this.clockOffset = clockOffset;
    this.body = body;
    this.mourner = mourner;
    this.random = world.random().split();
    this.distance = random.nextInt(2) == 0 ? 1 : NEAR;
  }

  public String name() {
    return name;
  }

  public World world() {
    return world;
  }

  /** What the code of the protocol runs in. */
  public Environment environment() {
    return new Environment(this, this::uuid, this::pause, this::inBackground);
  }

  /** This process's idea of the time. */
  @Override
  public Instant instant() {
    return World.BEGIN.plusNanos((world.now() + clockOffset) * 1000);
  }

  /** Stands still for about this time; others move meanwhile. */
  public void pause(Duration time) {
    world.await(this, Math.max(1, time.toNanos() / 1000));
  }

  /**
   * How long a request takes, in microseconds. Half of all processes are near the store: what one
   * of these does falls between two requests of one that is far away.
   */
  long latency() {
    return Math.max(1, (long) (distance * world.faults().latency()));
  }

  /** Sets this process's clock; it may go back. */
  public void setClock(long offsetMicros) {
    clockOffset = offsetMicros;
  }

  /** Whether it has crashed; what it still does has no effect. */
  public boolean isDead() {
    return dead;
  }

  /** From now on every scheduling point is the end. */
  void kill() {
    dead = true;
  }

  Crash crash() {
    dead = true;
    return new Crash(name);
  }

  Body body() {
    return body;
  }

  Mourner mourner() {
    return mourner;
  }

  @Nullable Carrier carrier() {
    return carrier;
  }

  void runsOn(@Nullable Carrier thread) {
    carrier = thread;
  }

  private UUID uuid() {
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & ~(3L << 62)) | (2L << 62);
    return new UUID(high, low);
  }

  /** A background may drop what it is given; what it does, it does at some other moment. */
  private void inBackground(Runnable work) {
    if (random.nextInt(4) != 0) {
      work.run();
    }
  }
}
