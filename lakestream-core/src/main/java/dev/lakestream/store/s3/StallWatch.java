// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Ends bodies of which nothing comes any more although they have begun: whoever reads one finds it
 * broken, and asks for the rest. Sooner than the time-out of the connection would, and as seldom as
 * {@link HedgePolicy} allows, for a store that is slow for everybody is not helped by asking again.
 * Thread-safe.
 */
final class StallWatch implements AutoCloseable {
  private static final long LOOK_MILLIS = 200;

  private final HedgePolicy policy;
  private final LongSupplier nanos;
  private final Set<Body> watched = ConcurrentHashMap.newKeySet();
  private final ExecutorService watcher;

  /** A body that somebody reads; closed when nobody does any more. */
  final class Body implements AutoCloseable {
    private final Runnable abort;
    private volatile long last = nanos.getAsLong();

    private Body(Runnable abort) {
      this.abort = abort;
    }

    /** Something came. */
    void cameOn() {
      last = nanos.getAsLong();
    }

    private void abortIfStalled(Duration patience) {
      boolean stalled = nanos.getAsLong() - last > patience.toNanos();
      if (stalled && policy.mayHedge() && watched.remove(this)) {
        abort.run();
      }
    }

    @Override
    public void close() {
      watched.remove(this);
    }
  }

  private StallWatch(HedgePolicy policy, LongSupplier nanos, ExecutorService watcher) {
    this.policy = policy;
    this.nanos = nanos;
    this.watcher = watcher;
  }

  /**
   * Begins to watch.
   *
   * @param watches whether anything is ever ended
   */
  static StallWatch start(HedgePolicy policy, LongSupplier nanos, boolean watches) {
    var watcher =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "lakestream-s3-watch");
              thread.setDaemon(true);
              return thread;
            });
    StallWatch watch = new StallWatch(policy, nanos, watcher);
    if (watches) {
      var unused =
          watcher.scheduleWithFixedDelay(
              watch::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
    return watch;
  }

  private void look() {
    Duration patience = policy.stallPatience();
    watched.forEach(body -> body.abortIfStalled(patience));
  }

  /**
   * Watches a body.
   *
   * @param abort ends it from another thread
   */
  Body watch(Runnable abort) {
    Body body = new Body(abort);
    watched.add(body);
    return body;
  }

  @Override
  public void close() {
    watcher.shutdownNow();
  }
}
