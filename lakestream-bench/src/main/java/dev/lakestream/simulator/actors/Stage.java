// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.FencedException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.checker.Violation;
import dev.lakestream.simulator.world.Crash;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.simulator.world.SimulatedStore;
import dev.lakestream.simulator.world.World;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What the actors of one world share: the world, its store, and where they say what they saw. */
public final class Stage {
  private static final double SECOND = 1e6;
  private static final double DAY = 86_400 * SECOND;

  private static final long HOUR = 10_000_000;

  private final World world;
  private final SimulatedStore store;
  private final Testimony testimony;
  private int working;

  public Stage(World world, SimulatedStore store, Testimony testimony) {
    this.world = world;
    this.store = store;
    this.testimony = testimony;
  }

  World world() {
    return world;
  }

  SplittableRandom random() {
    return world.random();
  }

  Testimony testimony() {
    return testimony;
  }

  boolean chance(double probability) {
    return random().nextDouble() < probability;
  }

  LakeStream open(SimulatedProcess process) throws IOException {
    return LakeStream.open(store.client(process), process.environment());
  }

  dev.lakestream.simulator.world.StoreClient client(SimulatedProcess process) {
    return store.client(process);
  }

  /** A step as a reader got it. */
  static Testimony.Observation observation(String reader, CommittedGroup group, long step) {
    return new Testimony.Observation(
        reader,
        step,
        group.version(),
        group.entry().hex(),
        group.step(step).digest().hex(),
        group.step(step).tags());
  }

  /** The number of the archive's next change. */
  int changes() {
    return store.archive().size();
  }

  /** A producer has work to do. */
  void workBegins() {
    working++;
  }

  /** A producer has done all that it has to do. */
  void workEnds() {
    working--;
  }

  /** Whether all producers are through with their sources, or can't go on. */
  boolean workIsDone() {
    return working == 0;
  }

  /** Any order of magnitude from a millisecond to seconds; now and then hours or days. */
  long awhile() {
    return chance(0.05) && !world.faults().isCalm()
        ? spread(60 * SECOND, 3 * DAY)
        : spread(SECOND / 1000, 5 * SECOND);
  }

  /**
   * How long it takes to a moment so much before the next full hour. Jobs that begin on the hour
   * meet each other; the hour of these worlds has ten seconds.
   */
  Duration untilBeforeTheHour(long micros) {
    return duration(HOUR - (world.now() + micros) % HOUR);
  }

  static Duration duration(long micros) {
    return Duration.ofNanos(micros * 1000);
  }

  long spread(double least, double most) {
    return (long) (least * Math.exp(random().nextDouble() * Math.log(most / least)));
  }

  /**
   * Whether a process may end like this, so that it is started again.
   *
   * @throws Violation if no documentation says that this may happen
   */
  static boolean mayGoOn(SimulatedProcess process, @Nullable Throwable failure) {
    if (failure == null) {
      return false;
    }
    if (failure instanceof Violation violation) {
      throw violation;
    }
    boolean documented =
        failure instanceof Crash
            || failure instanceof IOException
            || failure instanceof CommitOutcomeUnknownException
            || failure instanceof CommitRejectedException
            || failure instanceof FencedException
            || failure instanceof StepUnavailableException;
    if (!documented) {
      throw new Violation(
          10, process.name() + " met a failure that should not have come: " + failure, failure);
    }
    return true;
  }
}
