// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.producers;

import dev.lakestream.bench.TokenBundles;
import dev.lakestream.bench.dac.SteadyState;
import dev.lakestream.producer.PacedCommitter;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * One producer, as a process of its own. It says when it stands ready, begins when it is told to,
 * and says in the end what it brought.
 */
final class ProducerProcess {
  static final String READY = "ready";
  static final String DONE = "done ";
  static final int ROW_TOKENS = 1024;
  static final int SLOTS = 16;

  private ProducerProcess() {}

  /** {@code ROOT ID POLICY SLOT_ROWS WARM_UP_MILLIS MILLIS OWN_PACE}. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    boolean ownPace = Boolean.parseBoolean(arguments[6]);
    CountingPolicy policy =
        new CountingPolicy(
            SteadyState.policy(
                arguments[2], arguments[1], new SplittableRandom(arguments[1].hashCode())));
    try (ObjectStore near =
            ObjectStores.open(arguments[0], Map.of(ObjectStores.LOCAL_DURABILITY, "process"));
        ObjectStore store = ownPace ? near : new DistantStore(near)) {
      LakeStream stream = LakeStream.open(store);
      try (TokenBundles uploads =
          new TokenBundles(stream, ROW_TOKENS, Integer.parseInt(arguments[3]), SLOTS)) {
        ProducerSession session = ProducerSession.open(stream, arguments[1], policy);
        long millis = Long.parseLong(arguments[5]);
        long stepNanos = ownPace ? 0 : SteadyState.stepNanos();
        produce(session, uploads, Long.parseLong(arguments[4]), stepNanos);
        System.out.println(READY);
        if (System.in.read() < 0) {
          throw new IOException("whoever wanted to start this process is gone");
        }
        long wonBefore = policy.won();
        long lostBefore = policy.lost();
        long steps = produce(session, uploads, millis, stepNanos);
        System.out.println(
            DONE + steps + " " + (policy.won() - wonBefore) + " " + (policy.lost() - lostBefore));
      }
    }
  }

  /** Steps of a bundle each until the time is over; returns how many, once all are visible. */
  private static long produce(
      ProducerSession session, TokenBundles uploads, long millis, long stepNanos)
      throws IOException, InterruptedException {
    PacedCommitter committer = PacedCommitter.start(session, PacedCommitter.Bounds.DEFAULT);
    long begin = System.nanoTime();
    long end = begin + millis * 1_000_000;
    long steps = 0;
    while (System.nanoTime() < end) {
      var committed = committer.submit(uploads.upload(session, 1));
      steps++;
      long due = begin + steps * stepNanos;
      for (long now = System.nanoTime(); now < Math.min(due, end); now = System.nanoTime()) {
        LockSupport.parkNanos(Math.min(due, end) - now);
      }
      if (committed.isCompletedExceptionally()) {
        committed.join();
      }
    }
    committer.flush();
    committer.close();
    return steps;
  }
}
