// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.regex.Pattern;

/**
 * Finds out by a race whether a store's put-if-absent has one winner: everything else rests on it.
 * Servers that look before they act survive a single try, and most of a hundred; so many threads
 * race for each of many keys.
 */
public final class StoreProbe {
  /** What is put here is scratch, and removed afterwards by whoever is allowed to. */
  public static final ObjectKey FOLDER = ObjectKey.of("probe");

  private static final Pattern SCRATCH =
      Pattern.compile(
          FOLDER + "/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/(\\d{4}|alone)");

  private static final int RACERS = 16;
  private static final int KEYS = 200;
  private static final int UNKNOWN_TRIES = 5;
  private static final long PATIENCE_SECONDS = 60;

  private final ObjectStore store;
  private final ObjectKey folder;
  private final CyclicBarrier start = new CyclicBarrier(RACERS);
  private final AtomicIntegerArray winners = new AtomicIntegerArray(KEYS);

  private StoreProbe(ObjectStore store, UUID run) {
    this.store = store;
    this.folder = ObjectKey.of(FOLDER + "/" + run);
  }

  /**
   * Returns if streams may be written to this store. What is put below {@code probe/} is removed.
   *
   * @param run names this run's scratch keys
   * @throws StoreRefusedException if they may not; the message says why
   */
  public static void require(ObjectStore store, UUID run) throws IOException {
    Atomicity atomicity = store.atomicity();
    switch (atomicity.kind()) {
      case CERTAIN -> {}
      case BROKEN -> throw refused(store, atomicity.why());
      case UNPROVEN -> new StoreProbe(store, run).race();
    }
  }

  /** Whether a key is one that a probe would give to a scratch object: nobody needs it. */
  public static boolean isScratch(ObjectKey key) {
    return SCRATCH.matcher(key.value()).matches();
  }

  private static StoreRefusedException refused(ObjectStore store, String why) {
    return new StoreRefusedException(
        "no stream can be written to "
            + store.root()
            + ": "
            + why
            + "; use a store whose conditional put has one winner (docs/storage.md)");
  }

  private void race() throws IOException {
    tryAlone();
    ExecutorService racers = Executors.newFixedThreadPool(RACERS, StoreProbe::daemon);
    try {
      runAll(racers, this::raceForAll);
      judge();
    } finally {
      try {
        runAll(racers, this::clean);
      } finally {
        racers.shutdownNow();
      }
    }
  }

  /** One put by itself: if the store refuses it, its error says so better than a race does. */
  private void tryAlone() throws IOException {
    ObjectKey alone = ObjectKey.of(folder + "/alone");
    try {
      put(alone, 0);
      if (put(alone, 1) == PutResult.CREATED) {
        throw refused(store, "it ignores If-None-Match, a second put replaced the first");
      }
    } catch (StoreRefusedException e) {
      if (plainPutWorks(alone)) {
        throw new StoreRefusedException(
            "no stream can be written to "
                + store.root()
                + ": plain puts are allowed and conditional ones are not; allow puts with"
                + " If-None-Match in the policy of the bucket ("
                + e.getMessage()
                + ")",
            e);
      }
      throw e;
    } finally {
      deleteQuietly(alone);
    }
  }

  private boolean plainPutWorks(ObjectKey alone) {
    try {
      store.put(alone, content(0));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void raceForAll(int racer)
      throws IOException, InterruptedException, BrokenBarrierException, TimeoutException {
    for (int i = 0; i < KEYS; i++) {
      start.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (put(key(i), racer) == PutResult.CREATED) {
        winners.incrementAndGet(i);
      }
    }
  }

  /** A put whose outcome is known; one that had to be repeated counts as lost, at worst wrongly. */
  private PutResult put(ObjectKey key, int racer) throws IOException {
    OutcomeUnknownException unknown = null;
    for (int i = 0; i < UNKNOWN_TRIES; i++) {
      try {
        return store.putIfAbsent(key, content(racer));
      } catch (OutcomeUnknownException e) {
        unknown = e;
      }
    }
    throw new IOException("the store does not say what becomes of puts", unknown);
  }

  private void judge() throws IOException {
    int several = 0;
    for (int i = 0; i < KEYS; i++) {
      several += winners.get(i) > 1 ? 1 : 0;
    }
    if (several > 0) {
      throw refused(
          store,
          RACERS
              + " threads raced for each of "
              + KEYS
              + " keys with conditional puts, and of "
              + several
              + " keys more than one believed to be the creator");
    }
  }

  private void clean(int racer) {
    for (int i = racer; i < KEYS; i += RACERS) {
      deleteQuietly(key(i));
    }
  }

  /** Who may write but not delete leaves some small objects behind, for a vacuum to remove. */
  private void deleteQuietly(ObjectKey key) {
    try {
      store.delete(key);
    } catch (IOException e) {
      // Nothing depends on it.
    }
  }

  private ObjectKey key(int i) {
    return ObjectKey.of(String.format(Locale.ROOT, "%s/%04d", folder, i));
  }

  private static byte[] content(int racer) {
    return ("racer " + racer).getBytes(StandardCharsets.UTF_8);
  }

  /** What one of the racers does. */
  @FunctionalInterface
  private interface Leg {
    void run(int racer) throws Exception;
  }

  private static void runAll(ExecutorService racers, Leg leg) throws IOException {
    List<Callable<Boolean>> legs = new ArrayList<>();
    for (int racer = 0; racer < RACERS; racer++) {
      int number = racer;
      legs.add(
          () -> {
            leg.run(number);
            return true;
          });
    }
    try {
      for (Future<Boolean> future : racers.invokeAll(legs)) {
        future.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the store was probed");
    } catch (ExecutionException e) {
      throw new IOException("the store could not be probed: " + e.getCause(), e.getCause());
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "lakestream-probe");
    thread.setDaemon(true);
    return thread;
  }
}
