// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.error.LakestreamException;
import dev.lakestream.hadoop.testing.Hdfs;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Samples;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The NameNode dies and comes back while producers commit: nothing is lost, nothing doubled. */
@Timeout(300)
class NameNodeRestartTest {
  private static final int PRODUCERS = 2;
  private static final int COMMITS = 20;
  private static final int RESTARTS = 2;
  private static final int BETWEEN = 8;

  private static Hdfs hdfs;

  private final Semaphore committed = new Semaphore(0);
  private final Map<ObjectKey, Attempt> attempts = new ConcurrentHashMap<>();

  @BeforeAll
  static void start() throws IOException {
    hdfs = Hdfs.start();
  }

  @AfterAll
  static void stop() {
    hdfs.close();
  }

  @Test
  void whatIsCommittedIsThereOnceAndInOrder() throws Exception {
    String root = hdfs.freshRoot();
    try (ObjectStore store = ObjectStores.open(root, Map.of())) {
      LakeStream.create(store, Samples.definition(), Environment.system());
    }
    ExecutorService threads = Executors.newFixedThreadPool(PRODUCERS);
    try {
      List<Future<Integer>> producers = new ArrayList<>();
      for (int i = 0; i < PRODUCERS; i++) {
        String name = "producer-" + i;
        producers.add(threads.submit(() -> produce(root, name)));
      }
      for (int i = 0; i < RESTARTS; i++) {
        assertThat(committed.tryAcquire(BETWEEN, 120, TimeUnit.SECONDS)).isTrue();
        hdfs.cluster().restartNameNode();
      }
      for (Future<Integer> producer : producers) {
        assertThat(producer.get(200, TimeUnit.SECONDS)).isNotNegative();
      }
    } finally {
      threads.shutdownNow();
    }
    check(root);
  }

  /** Commits one step after the other, and begins anew where the log says whenever that fails. */
  private int produce(String root, String name) throws InterruptedException {
    int failures = 0;
    int done = 0;
    while (done < COMMITS) {
      try (ObjectStore store = ObjectStores.open(root, Map.of())) {
        ProducerSession session = ProducerSession.open(LakeStream.open(store), name);
        done = session.state().isEmpty() ? 0 : Integer.parseInt(session.state());
        while (done < COMMITS) {
          commit(store, session, done + 1);
          done++;
          committed.release();
        }
      } catch (IOException | LakestreamException e) {
        failures++;
      }
    }
    return failures;
  }

  private void commit(ObjectStore store, ProducerSession session, int number)
      throws IOException, InterruptedException {
    BundleDescriptor bundle = Samples.bundle(session.newBundleKey(), 1, 8, 1);
    attempts.put(bundle.key(), new Attempt(session.stamp().id(), number));
    try (ObjectUpload upload = store.upload(bundle.key())) {
      ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(bundle.bytes()));
      while (content.hasRemaining()) {
        upload.write(content);
      }
      upload.finish();
    }
    session.commit(Commit.of(Samples.whole(bundle), String.valueOf(number)));
  }

  private void check(String root) throws IOException {
    try (ObjectStore store = ObjectStores.open(root, Map.of())) {
      LakeStream stream = LakeStream.open(store);
      assertThat(stream.state().nextStep()).isEqualTo(PRODUCERS * COMMITS);
      Map<String, List<Integer>> visible = new HashMap<>();
      for (long step = 0; step < stream.state().nextStep(); step++) {
        for (BundleDescriptor bundle : stream.groupOf(step).bundles()) {
          Attempt attempt = attempts.get(bundle.key());
          visible
              .computeIfAbsent(attempt.producer(), id -> new ArrayList<>())
              .add(attempt.number());
          assertThat(store.head(bundle.key())).map(ObjectInfo::size).contains(bundle.bytes());
        }
      }
      List<Integer> all = IntStream.rangeClosed(1, COMMITS).boxed().toList();
      assertThat(visible).hasSize(PRODUCERS);
      assertThat(visible.values()).allSatisfy(numbers -> assertThat(numbers).isEqualTo(all));
    }
  }

  /** The step that a bundle was to be; only one of several attempts may be visible. */
  private record Attempt(String producer, int number) {}
}
