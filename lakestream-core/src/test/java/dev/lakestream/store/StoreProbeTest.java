// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.MemoryStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which stores get a stream: those whose put-if-absent has one winner, however many race. */
@Timeout(60)
class StoreProbeTest {
  private final VirtualTime time = new VirtualTime(1);
  private final MemoryStore memory = new MemoryStore(time);

  /** Tells so many that they have created an object of some keys, whoever was first. */
  private final class Generous extends ForwardingObjectStore {
    private final AtomicInteger winners = new AtomicInteger();
    private final Predicate<String> keys;
    private final int most;

    private Generous(Predicate<String> keys, int most) {
      super(memory);
      this.keys = keys;
      this.most = most;
    }

    @Override
    public Atomicity atomicity() {
      return Atomicity.unproven();
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
      PutResult result = super.putIfAbsent(key, content);
      return keys.test(key.value()) && winners.incrementAndGet() <= most
          ? PutResult.CREATED
          : result;
    }
  }

  private void create(ObjectStore store) throws IOException {
    LakeStream.create(store, Samples.definition(), time.environment());
  }

  @Test
  void oneWinnerForEachKeyIsEnough() throws IOException {
    create(new Generous(key -> false, 0));
    assertThat(memory.contents()).containsKey("stream.json");
    assertThat(memory.keys("probe")).isEmpty();
  }

  /** A server that looks before it acts lets two win now and then: once is too often. */
  @Test
  void twoWinnersOfOneKeyAreRefused() {
    ObjectStore store = new Generous(key -> key.endsWith("/0136"), 16);
    assertThatThrownBy(() -> create(store))
        .isInstanceOf(StoreRefusedException.class)
        .hasMessageContaining("16 threads raced for each of 200 keys")
        .hasMessageContaining("of 1 keys more than one believed to be the creator")
        .hasMessageContaining("docs/storage.md");
    assertThat(memory.contents()).isEmpty();
  }

  @Test
  void whoIgnoresTheConditionIsRefusedWithoutARace() {
    ObjectStore store = new Generous(key -> key.endsWith("/alone"), 2);
    assertThatThrownBy(() -> create(store))
        .isInstanceOf(StoreRefusedException.class)
        .hasMessageContaining("ignores If-None-Match");
    assertThat(memory.contents()).isEmpty();
  }
}
