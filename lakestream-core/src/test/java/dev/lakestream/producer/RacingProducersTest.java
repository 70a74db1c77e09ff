// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Marked;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.StreamFixture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Producers that race each commit everything once, and in order (invariant 6). */
@Timeout(60)
class RacingProducersTest extends StreamFixture {
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void producersRacingOverAFaultyStoreCommitEachOnce(long seed) throws Exception {
    create();
    store.randomly(seed, 0.15);
    race(store, 6, 25, seed, true);
  }

  @Test
  void producersRacingOverALocalDirectoryCommitEachOnce(@TempDir Path directory) throws Exception {
    ObjectStore local = LocalObjectStore.at(directory, LocalObjectStore.Durability.PROCESS);
    LakeStream.create(local, Samples.definition(), time.environment());
    race(local, 8, 25, 5, false);
  }

  /** Sessions of one process may share a stream: each must still draft on what it saw. */
  @Test
  void producersSharingAStreamCommitEachOnce() throws Exception {
    LakeStream shared = create();
    List<Callable<Integer>> producers = new ArrayList<>();
    for (int p = 0; p < 8; p++) {
      String id = "p" + p;
      producers.add(
          () -> {
            ProducerSession session = ProducerSession.open(shared, id);
            for (int i = 0; i < 40; i++) {
              session.commit(Marked.commit(session, id + ":" + i));
            }
            return 40;
          });
    }
    runAll(producers);
    assertOnceAndInOrder(Marked.in(store, time.environment()), 8, 40);
  }

  private void race(ObjectStore raced, int count, int commits, long seed, boolean late)
      throws Exception {
    List<Callable<Integer>> producers = new ArrayList<>();
    for (int p = 0; p < count; p++) {
      String id = "p" + p;
      Random random = new Random(seed * 1000 + p);
      producers.add(() -> produce(raced, id, commits, random));
    }
    if (late) {
      producers.add(
          () -> {
            for (int i = 0; i < 500; i++) {
              store.landLate();
            }
            return 0;
          });
    }
    runAll(producers);
    store.randomly(0, 0);
    store.landLate();
    assertOnceAndInOrder(Marked.in(raced, time.environment()), count, commits);
  }

  /** A producer that crashes now and then, and goes on from what the log says. */
  private int produce(ObjectStore raced, String id, int commits, Random random) throws Exception {
    int lives = 0;
    while (true) {
      lives++;
      ProducerSession session;
      try {
        session = ProducerSession.open(open(raced), id);
      } catch (CommitOutcomeUnknownException e) {
        continue;
      }
      int next = session.state().isEmpty() ? 0 : Integer.parseInt(session.state()) + 1;
      try {
        for (; next < commits; next++) {
          if (random.nextInt(12) == 0) {
            break; // crashes
          }
          session.commit(
              Commit.of(Marked.content(session, id + ":" + next), Integer.toString(next)));
        }
        if (next == commits) {
          return lives;
        }
      } catch (CommitOutcomeUnknownException e) {
        // crashes too
      }
    }
  }

  private static void assertOnceAndInOrder(List<String> marks, int producers, int commits) {
    Map<String, Integer> reached = new HashMap<>();
    for (String mark : marks) {
      int colon = mark.indexOf(':');
      String id = mark.substring(0, colon);
      int next = reached.getOrDefault(id, 0);
      assertThat(mark).isEqualTo(id + ":" + next);
      reached.put(id, next + 1);
    }
    assertThat(reached).hasSize(producers).allSatisfy((id, n) -> assertThat(n).isEqualTo(commits));
  }

  private static <T> List<T> runAll(List<Callable<T>> tasks) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(tasks, 50, TimeUnit.SECONDS)) {
        results.add(future.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }
}
