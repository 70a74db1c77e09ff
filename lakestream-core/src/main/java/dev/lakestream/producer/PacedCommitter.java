// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.commit.CommitPolicy.Move;
import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.FencedException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.LakestreamException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits what a producer hands in, when the policy of its session says so, and all that has come
 * together by then in one entry. So uploads never wait for commits: the longer a producer waits for
 * its turn, the more steps its next entry has.
 *
 * <p>Back-pressure: {@link #submit} returns at once as long as the backlog is within its bounds.
 * Beyond them it waits for a commit; that is the only case. One submission is always taken, however
 * large it is. While the session's {@link CommitGate} has no room nothing is committed, so a
 * producer that is held back stops here, with a full backlog; what goes on then is as much as there
 * is room for, and one submission at least. {@link #flush} and {@link #close} wait for that, too.
 *
 * <p>Errors: what is certainly not written because the store could not be reached is tried again,
 * for {@link Bounds#patience}. Any other error ends it: everything that is not committed, and every
 * later call, fails with that error as its cause. Open the producer again and go on from its state.
 *
 * <p>Takes the session over: nobody else may use it, but for {@link
 * ProducerSession#newBundleKey()}. Thread-safe.
 */
public final class PacedCommitter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PacedCommitter.class);
  private static final long MILLISECOND = 1_000_000;
  private static final long FIRST_PAUSE = 100 * MILLISECOND;
  private static final int MOST_DOUBLINGS = 6;

  /** What {@link #proceed()} says when only something new is a reason to call it again. */
  static final long NOTHING_TO_DO = Long.MAX_VALUE;

  /**
   * How much may be uploaded and not committed.
   *
   * @param steps at least 1
   * @param bytes of bundles, at least 1
   * @param patience how long a store that can't be reached is tried
   */
  public record Bounds(long steps, long bytes, Duration patience) {
    /** 65,536 steps, 1 TiB, 2 minutes. */
    public static final Bounds DEFAULT = new Bounds(1 << 16, 1L << 40, Duration.ofMinutes(2));

    public Bounds {
      if (steps < 1 || bytes < 1 || patience.isNegative()) {
        throw new InvalidRequestException(
            "the bounds of a backlog are at least 1 step and 1 byte, and no negative patience;"
                + " given are "
                + steps
                + " steps, "
                + bytes
                + " bytes, "
                + patience);
      }
    }
  }

  private final ProducerSession session;
  private final CommitPacer pacer;
  private final Bounds bounds;
  private final Object lock = new Object();
  private final Backlog backlog = new Backlog();
  private Optional<Throwable> failure = Optional.empty();
  private boolean closed;
  private boolean woken;
  private volatile Optional<Duration> interval = Optional.empty();

  // Of the one thread that commits.
  private int failures;
  private long failingSince;
  private long notBefore;
  private CommitGate.Room room = CommitGate.Room.UNLIMITED;
  private long askGateAt = Long.MIN_VALUE;

  private PacedCommitter(ProducerSession session, Bounds bounds) {
    this.session = session;
    this.pacer = session.pacer().watch();
    this.bounds = bounds;
  }

  /** Commits on a daemon thread of its own, until it is closed. */
  public static PacedCommitter start(ProducerSession session, Bounds bounds) {
    PacedCommitter committer = new PacedCommitter(session, bounds);
    Thread thread = new Thread(committer::run, "lakestream-commits-" + session.stamp().id());
    thread.setDaemon(true);
    thread.start();
    return committer;
  }

  /** Commits only when {@link #proceed()} is called: for simulators and tests. */
  static PacedCommitter manual(ProducerSession session, Bounds bounds) {
    return new PacedCommitter(session, bounds);
  }

  /**
   * Hands in steps that are durable (invariant 4), with the state that goes with them. They become
   * visible in the order in which they were handed in.
   *
   * @return the receipt of these steps once they are visible, or the error; completed on the thread
   *     that commits, which must not be held up
   * @throws LakestreamException if a commit has failed: nothing more will be committed
   */
  public CompletableFuture<CommitReceipt> submit(Commit commit) throws InterruptedException {
    if (commit.firstStep().isPresent()) {
      throw new InvalidRequestException(
          "commits that are put together begin wherever the stream is: give no first step");
    }
    CompletableFuture<CommitReceipt> receipt = new CompletableFuture<>();
    Backlog.Submission submission = new Backlog.Submission(commit, pacer.now(), receipt);
    synchronized (lock) {
      checkUsable();
      while (!backlog.isEmpty() && !fits(submission)) {
        lock.wait();
        checkUsable();
      }
      if (backlog.isEmpty()) {
        wake();
      }
      backlog.add(submission);
    }
    return receipt;
  }

  private boolean fits(Backlog.Submission submission) {
    return backlog.steps() + submission.steps() <= bounds.steps()
        && backlog.bytes() + submission.bytes() <= bounds.bytes();
  }

  /** Waits until everything that was handed in before is visible; throws if it will not be. */
  public void flush() throws InterruptedException {
    Optional<Backlog.Submission> last;
    synchronized (lock) {
      checkNotFailed();
      last = backlog.last();
    }
    if (last.isPresent()) {
      try {
        last.get().receipt().get();
      } catch (ExecutionException e) {
        throw failed(Objects.requireNonNullElse(e.getCause(), e));
      }
    }
  }

  /**
   * Takes nothing more, and waits until everything that was handed in is visible; throws if it will
   * not be.
   */
  @Override
  public void close() throws InterruptedException {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      wake();
    }
    try {
      flush();
    } finally {
      pacer.close();
    }
  }

  /** Time between the last two commits, for {@link dev.lakestream.commit.BundleSizing}. */
  public Optional<Duration> commitInterval() {
    return interval;
  }

  private void run() {
    try {
      while (true) {
        long wait = proceed();
        synchronized (lock) {
          if (failure.isPresent() || (closed && backlog.isEmpty())) {
            return;
          }
          if (wait > 0 && !woken) {
            // 0 is for ever; too early does no harm, the policy is asked again.
            lock.wait(wait == NOTHING_TO_DO ? 0 : Math.max(1, wait / MILLISECOND));
          }
          woken = false;
        }
      }
    } catch (InterruptedException e) {
      fail(e);
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Does what is to be done now.
   *
   * @return after how many nanoseconds there is something to do again
   */
  long proceed() {
    OptionalLong since;
    boolean hasSteps;
    synchronized (lock) {
      if (failure.isPresent()) {
        return NOTHING_TO_DO;
      }
      since = backlog.since();
      hasSteps = backlog.steps() > 0;
    }
    try {
      boolean held = hasSteps && isHeldBack();
      // A turn that nobody could use would be taken from the others.
      Move move = pacer.next(held ? OptionalLong.empty() : since);
      long at = failures > 0 ? Math.max(move.at(), notBefore) : move.at();
      long now = pacer.now();
      if (at > now) {
        long wait = at == Move.NEVER ? NOTHING_TO_DO : at - now;
        return held ? Math.min(wait, Math.max(0, askGateAt - now)) : wait;
      }
      if (move.kind() == Move.Kind.COMMIT) {
        commit();
      } else {
        pacer.look();
      }
      failures = 0;
      return 0;
    } catch (IOException e) {
      return tryAgainLater(e);
    } catch (RuntimeException | Error e) {
      fail(e);
      return NOTHING_TO_DO;
    }
  }

  /** Whether the gate has no room; it is asked when it said that it is worth it. */
  private boolean isHeldBack() throws IOException {
    if (!room.isNone() || pacer.now() >= askGateAt) {
      room = session.gate().room();
      askGateAt = pacer.now() + room.askAgain().toNanos();
      if (room.isNone()) {
        failures = 0; // the store has answered, and will not be asked for anything else
      }
    }
    return room.isNone();
  }

  /** What waits, and has room, becomes one entry, or nothing does. */
  private void commit() throws IOException {
    Backlog.Merged merged;
    synchronized (lock) {
      merged = backlog.merge(room);
    }
    Optional<CommitReceipt> made = session.attempt(merged.commit());
    if (made.isEmpty()) {
      return;
    }
    interval = pacer.interval();
    synchronized (lock) {
      backlog.remove(merged);
      lock.notifyAll();
    }
    long first = made.get().firstStep();
    for (Backlog.Submission part : merged.parts()) {
      part.receipt().complete(new CommitReceipt(made.get().version(), first, part.steps()));
      first += part.steps();
    }
  }

  private long tryAgainLater(IOException error) {
    long now = pacer.now();
    if (failures == 0) {
      failingSince = now;
    }
    if (now - failingSince >= bounds.patience().toNanos()) {
      fail(error);
      return NOTHING_TO_DO;
    }
    long pause = FIRST_PAUSE << Math.min(failures, MOST_DOUBLINGS);
    failures++;
    notBefore = now + pause;
    LOG.warn("a commit of {} is tried again: {}", session.stamp(), error.getMessage());
    return pause;
  }

  private void fail(Throwable error) {
    List<Backlog.Submission> lost;
    synchronized (lock) {
      failure = Optional.of(error);
      lost = backlog.clear();
      lock.notifyAll();
    }
    lost.forEach(submission -> submission.receipt().completeExceptionally(error));
  }

  private void checkUsable() {
    checkNotFailed();
    if (closed) {
      throw new IllegalStateException("the committer of " + session.stamp() + " is closed");
    }
  }

  private void checkNotFailed() {
    if (failure.isPresent()) {
      throw failed(failure.get());
    }
  }

  private LakestreamException failed(Throwable cause) {
    String message =
        "session "
            + session.stamp()
            + " commits nothing more: open the producer again and go on from its state ("
            + cause.getMessage()
            + ")";
    LakestreamException failed =
        cause instanceof FencedException
            ? new FencedException(message)
            : cause instanceof CommitOutcomeUnknownException
                ? new CommitOutcomeUnknownException(message)
                : new CommitRejectedException(message);
    failed.initCause(cause);
    return failed;
  }

  private void wake() {
    woken = true;
    lock.notifyAll();
  }
}
