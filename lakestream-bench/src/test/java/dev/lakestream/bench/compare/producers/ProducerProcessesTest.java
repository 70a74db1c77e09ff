// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.producers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.bench.dac.SteadyState;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.stream.LakeStream;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Producers that are processes bring their steps into one stream. */
@Timeout(300)
class ProducerProcessesTest {
  @TempDir private Path folder;

  @Test
  void allStepsAreVisible() throws Exception {
    String root = folder.resolve("stream").toString();
    Processes.Outcome outcome = Processes.measure(root, "dac", 2, 1, 400, true);
    assertThat(outcome.stepsPerSecond()).isPositive();
    assertThat(outcome.success()).isBetween(0.0, 1.0);
    assertThat(outcome.fairness()).isBetween(0.5, 1.0);
    try (ObjectStore store = ObjectStores.open(root, Map.of())) {
      assertThat(LakeStream.open(store).state().nextStep()).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void aDistantStoreAnswersLate() throws Exception {
    ObjectKey key = ObjectKey.of("some");
    try (DistantStore store =
        new DistantStore(LocalObjectStore.at(folder, LocalObjectStore.Durability.PROCESS))) {
      long begin = System.nanoTime();
      store.putIfAbsent(key, new byte[1]);
      long middle = System.nanoTime();
      assertThat(store.get(key, 10)).hasSize(1);
      assertThat(middle - begin).isGreaterThanOrEqualTo(30_000_000);
      assertThat(System.nanoTime() - middle).isGreaterThanOrEqualTo(15_000_000);
    }
  }

  /** One producer commits whatever it finishes, four steps a second. */
  @Test
  void theSimulationGoesOnFromThere() {
    SteadyState state = SteadyState.of(SteadyState.policies().get(0), 1);
    assertThat(state.stepsPerSecond()).isBetween(3.8, 4.2);
    assertThat(state.success()).isEqualTo(1);
    assertThat(state.ageSeconds()).isLessThan(0.5);
  }
}
