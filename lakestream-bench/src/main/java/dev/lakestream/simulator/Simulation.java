// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator;

import dev.lakestream.simulator.actors.Cast;
import dev.lakestream.simulator.actors.Stage;
import dev.lakestream.simulator.checker.Audit;
import dev.lakestream.simulator.checker.Checker;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.checker.Violation;
import dev.lakestream.simulator.world.Carriers;
import dev.lakestream.simulator.world.Faults;
import dev.lakestream.simulator.world.Profile;
import dev.lakestream.simulator.world.SimulatedStore;
import dev.lakestream.simulator.world.Trace;
import dev.lakestream.simulator.world.World;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * One schedule: a world from a seed, played to its end and judged. The same seed is the same
 * history, operation by operation, in every JVM.
 *
 * <p>Not thread-safe; simulations of different threads share nothing.
 */
public final class Simulation implements AutoCloseable {
  private static final int LIMIT = 20_000;

  private final Carriers carriers = new Carriers();
  private final Optional<Profile.Kind> kind;

  /**
   * What became of a schedule.
   *
   * @param operations scheduling points
   * @param hash of the trace
   * @param violation what is wrong, if anything
   * @param tail the last lines of the trace, if something is wrong
   */
  public record Result(
      long seed,
      Profile profile,
      int operations,
      long hash,
      Optional<Violation> violation,
      List<String> tail) {}

  /**
   * Simulations of worlds of one kind, or of all.
   *
   * @param kind empty to draw it from the seed, too
   */
  public Simulation(Optional<Profile.Kind> kind) {
    this.kind = kind;
  }

  /** Plays one schedule. */
  public Result run(long seed, Trace trace) {
    SplittableRandom random = new SplittableRandom(seed);
    Profile profile =
        kind.map(chosen -> Profile.draw(chosen, random)).orElseGet(() -> Profile.draw(random));
    World world =
        new World(
            random.split(),
            new Faults(profile, random.split()),
            trace,
            carriers,
            LIMIT,
            () ->
                new Violation(
                    0, "no end after " + LIMIT + " operations: somebody goes in circles"));
    Optional<Violation> violation = Optional.empty();
    try {
      play(world, profile);
    } catch (Violation e) {
      violation = Optional.of(e);
    }
    return new Result(
        seed,
        profile,
        world.points(),
        trace.hash(),
        violation,
        violation.isPresent() ? trace.tail() : List.of());
  }

  private static void play(World world, Profile profile) {
    SimulatedStore store = new SimulatedStore(world);
    Testimony testimony = new Testimony();
    Cast cast = new Cast(new Stage(world, store, testimony));
    cast.prologue();
    world.faults().beginStorm();
    cast.play(profile.population());
    world.faults().calmDown();
    if (profile.population().vacuums() > 0) {
      cast.cleanUp();
    }
    Audit audit = cast.epilogue();
    Checker checker = Checker.of(store.archive(), testimony);
    checker.check(audit);
    if (profile.population().vacuums() > 0) {
      checker.checkNothingIsLeft(store.keys(), store.pending().size());
    }
  }

  /** Ends the threads that it ran on. */
  @Override
  public void close() {
    carriers.close();
  }
}
