// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Fetches shares in the background before they are asked for, in the order of steps, as many as a
 * budget of bytes holds; what is larger than the budget is fetched alone. The share that is in use
 * counts.
 *
 * <p>One thread plans: it waits for steps to be committed and for room in the budget. Some others
 * fetch. What fails, of either, is the result of the step that it was for, and is thrown when that
 * is asked for; asking again begins anew there.
 *
 * <p>Must: close every share that was fetched and never asked for. So a share is in the queue
 * before it is fetched, and the queue is emptied when no thread is left.
 */
final class SharesAhead implements StepShares {
  private static final int FETCHING = 4;

  /** After so long a wait for a step, whether anybody still wants it is looked at. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final LakeStream stream;
  private final ShareFetcher fetcher;
  private final AppliedSkips skips;
  private final ReaderOptions options;
  private Optional<Run> run = Optional.empty();
  private Optional<Held> current = Optional.empty();

  /** A share, or the end of the stream, to come. */
  private record Planned(long bytes, FutureTask<Optional<GroupShare>> share) {}

  /** One that is in use; {@code share} is there, and is not wrapped anew for each step. */
  private record Held(long bytes, Optional<GroupShare> share) {}

  SharesAhead(LakeStream stream, ShareFetcher fetcher, AppliedSkips skips, ReaderOptions options) {
    this.stream = stream;
    this.fetcher = fetcher;
    this.skips = skips;
    this.options = options;
  }

  @Override
  public Optional<GroupShare> of(long step) throws IOException, InterruptedException {
    if (current.isPresent() && current.get().share().get().contains(step)) {
      return current.get().share();
    }
    closeCurrent();
    if (run.isEmpty()) {
      run = Optional.of(new Run(step));
    }
    boolean good = false;
    try {
      Optional<Planned> next = run.get().next(step);
      if (next.isPresent()) {
        Planned planned = next.get();
        Optional<GroupShare> share = result(planned.share());
        current = share.isPresent() ? Optional.of(new Held(planned.bytes(), share)) : current;
      }
      good = current.isPresent();
      return good ? current.get().share() : Optional.empty();
    } finally {
      if (!good) {
        closeRun();
      }
    }
  }

  private static Optional<GroupShare> result(FutureTask<Optional<GroupShare>> share)
      throws IOException, InterruptedException {
    try {
      return share.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("reading ahead failed", e.getCause());
    }
  }

  private void closeCurrent() {
    current.ifPresent(
        held -> {
          held.share().ifPresent(GroupShare::close);
          run.ifPresent(running -> running.budget.giveBack(held.bytes()));
        });
    current = Optional.empty();
  }

  private void closeRun() {
    run.ifPresent(Run::close);
    run = Optional.empty();
  }

  @Override
  public void close() {
    closeCurrent();
    closeRun();
  }

  /** Reads ahead from one step on, until it is closed. */
  private final class Run {
    private final ByteBudget budget = new ByteBudget(options.prefetchBytes());
    private final LinkedBlockingQueue<Planned> planned = new LinkedBlockingQueue<>();
    private final ExecutorService threads =
        Executors.newFixedThreadPool(
            1 + FETCHING,
            work -> {
              Thread thread = new Thread(work, "lakestream-read-ahead");
              thread.setDaemon(true);
              return thread;
            });

    Run(long firstStep) {
      threads.execute(() -> planFrom(firstStep));
    }

    private void planFrom(long firstStep) {
      long step = firstStep;
      try {
        while (awaitCommitted(step)) {
          ShareFetcher.Plan plan = fetcher.plan(step);
          budget.take(plan.bytes());
          FutureTask<Optional<GroupShare>> share =
              new FutureTask<>(() -> Optional.of(fetcher.fetch(plan)));
          planned.add(new Planned(plan.bytes(), share));
          threads.execute(share);
          step = skips.firstDelivered(plan.group().nextStep());
        }
        result(Optional::empty);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        result(
            () -> {
              throw e;
            });
      }
    }

    /** For as long as need be: whoever asks for the step has a deadline of his own. */
    private boolean awaitCommitted(long step) throws IOException, InterruptedException {
      while (!Thread.interrupted()) {
        try {
          return stream.awaitStep(step, PATIENCE);
        } catch (StepUnavailableException e) {
          // Not yet.
        }
      }
      throw new InterruptedException();
    }

    /** What there is instead of one more share. */
    private void result(Callable<Optional<GroupShare>> of) {
      FutureTask<Optional<GroupShare>> task = new FutureTask<>(of);
      task.run();
      planned.add(new Planned(0, task));
    }

    /** The next one, as soon as it is planned; empty if the stream ends before this step. */
    Optional<Planned> next(long step) throws IOException, InterruptedException {
      Planned next = planned.poll(options.deadline().toNanos(), TimeUnit.NANOSECONDS);
      if (next != null) {
        return Optional.of(next);
      }
      // The planner may be late though the step is there; if it is not, this says why.
      return stream.awaitStep(step, Duration.ZERO) ? Optional.of(planned.take()) : Optional.empty();
    }

    void close() {
      threads.shutdownNow();
      boolean interrupted = Thread.interrupted();
      boolean ended = false;
      while (!ended) {
        try {
          ended = threads.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      planned.forEach(Run::closeFetched);
      planned.clear();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private static void closeFetched(Planned planned) {
      if (planned.share().isDone()) {
        try {
          planned.share().get().ifPresent(GroupShare::close);
        } catch (ExecutionException e) {
          // Nothing was fetched, and nobody asked.
        } catch (InterruptedException e) {
          throw new IllegalStateException("a result that is there was waited for", e);
        }
      }
    }
  }
}
