// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator;

import dev.lakestream.simulator.world.Profile;
import dev.lakestream.simulator.world.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Many schedules, on several threads, until one fails. */
public final class Campaign {
  private final long firstSeed;
  private final long schedules;
  private final Optional<Profile.Kind> kind;
  private final int workers;

  /**
   * What came of it.
   *
   * @param schedules how many were played
   * @param operations scheduling points of all of them
   * @param hash of all traces, if none failed; the same in every JVM
   * @param failure the schedule with the lowest seed that failed
   */
  public record Summary(
      long schedules, long operations, long hash, Optional<Simulation.Result> failure) {}

  /**
   * A campaign that has not begun.
   *
   * @param firstSeed of the first schedule; the next ones follow one by one
   * @param kind of all worlds; empty to leave it to the seeds
   */
  public Campaign(long firstSeed, long schedules, Optional<Profile.Kind> kind, int workers) {
    this.firstSeed = firstSeed;
    this.schedules = schedules;
    this.kind = kind;
    this.workers = workers;
  }

  /**
   * Runs it.
   *
   * @param progress told how many schedules are done, by any thread
   */
  public Summary run(LongConsumer progress) throws InterruptedException {
    Shared shared = new Shared(firstSeed + schedules);
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      List<Callable<Summary>> tasks = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        tasks.add(() -> work(shared, progress));
      }
      Summary sum = new Summary(0, 0, 0, Optional.empty());
      for (Future<Summary> part : threads.invokeAll(tasks)) {
        sum = plus(sum, part.get());
      }
      return sum;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the simulator itself failed", e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private final class Shared {
    private final AtomicLong next = new AtomicLong(firstSeed);
    private final AtomicLong done = new AtomicLong();

    /** The seed to stop at: no schedule from here on is of interest. */
    private final AtomicLong end;

    Shared(long end) {
      this.end = new AtomicLong(end);
    }
  }

  private Summary work(Shared shared, LongConsumer progress) {
    long played = 0;
    long operations = 0;
    long hash = 0;
    Optional<Simulation.Result> failure = Optional.empty();
    try (Simulation simulation = new Simulation(kind)) {
      long seed = shared.next.getAndIncrement();
      while (seed < shared.end.get()) {
        Simulation.Result result = simulation.run(seed, Trace.quiet());
        played++;
        operations += result.operations();
        hash += result.hash() * (2 * seed + 1);
        progress.accept(shared.done.incrementAndGet());
        if (result.violation().isPresent()) {
          long failed = seed;
          shared.end.updateAndGet(end -> Math.min(end, failed));
          failure = Optional.of(result);
        }
        seed = shared.next.getAndIncrement();
      }
    }
    return new Summary(played, operations, hash, failure);
  }

  private static Summary plus(Summary left, Summary right) {
    Optional<Simulation.Result> failure = left.failure();
    if (right.failure().isPresent()
        && (failure.isEmpty() || right.failure().get().seed() < failure.get().seed())) {
      failure = right.failure();
    }
    return new Summary(
        left.schedules() + right.schedules(),
        left.operations() + right.operations(),
        left.hash() + right.hash(),
        failure);
  }
}
