// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.s3.S3ServerExtension;
import dev.lakestream.wire.WireFault;
import dev.lakestream.wire.WireProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Exactly once, whatever the wire does (invariant 6): nobody learns of one fault in ten. */
@Timeout(240)
class WireFaultsTest {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();
  private static final int PRODUCERS = 3;
  private static final int COMMITS = 12;

  @Test
  void everyCommitIsThereOnceAndInOrder() throws Exception {
    String root = S3.server().freshRoot();
    try (WireProxy proxy = WireProxy.before(S3.server().endpoint());
        ObjectStore direct = ObjectStores.open(root, S3.server().options())) {
      Map<String, String> options =
          Map.of("s3.endpoint", proxy.endpoint().toString(), "s3.probe", "off");
      try (ObjectStore store = ObjectStores.open(root, options)) {
        LakeStream.create(store, Samples.definition(), Environment.system());
      }
      proxy.delaying(Duration.ofMillis(100)).randomly(7, 0.1, EnumSet.allOf(WireFault.class));
      List<Callable<Integer>> producers = new ArrayList<>();
      for (int i = 0; i < PRODUCERS; i++) {
        String id = "producer-" + i;
        producers.add(() -> produce(root, options, id));
      }
      ExecutorService executor = Executors.newFixedThreadPool(PRODUCERS);
      try {
        for (Future<Integer> done : executor.invokeAll(producers)) {
          assertThat(done.get()).isEqualTo(COMMITS);
        }
      } finally {
        executor.shutdownNow();
      }
      assertThat(proxy.faults()).isPositive();
      LakeStream stream = LakeStream.open(direct);
      assertThat(stream.state().nextStep()).isEqualTo((long) PRODUCERS * COMMITS);
      for (int i = 0; i < PRODUCERS; i++) {
        ProducerSession session = ProducerSession.open(stream, "producer-" + i);
        assertThat(session.state()).isEqualTo(Integer.toString(COMMITS - 1));
      }
    }
  }

  private static int produce(String root, Map<String, String> options, String id)
      throws IOException, InterruptedException {
    try (ObjectStore store = ObjectStores.open(root, options)) {
      ProducerSession session = ProducerSession.open(LakeStream.open(store), id);
      for (int i = 0; i < COMMITS; i++) {
        session.commit(
            Commit.of(
                Samples.whole(Samples.bundle(session.newBundleKey(), 1, 8, 1)),
                Integer.toString(i)));
      }
      return COMMITS;
    }
  }
}
