// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class GetsAheadTest {
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final AtomicInteger requests = new AtomicInteger();

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  private static Stream<ObjectKey> keys(int count) {
    return IntStream.range(0, count).mapToObj(i -> ObjectKey.of("log/" + i));
  }

  private static int number(ObjectKey key) {
    return Integer.parseInt(key.value().substring("log/".length()));
  }

  private GetsAhead of(int present) {
    return new GetsAhead(
        (key, limit) -> {
          requests.incrementAndGet();
          if (number(key) >= present) {
            throw new ObjectNotFoundException(key, URI.create("test:/"));
          }
          return new byte[] {(byte) number(key)};
        },
        executor);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 31, 32, 33, 64, 100, 255})
  void sendsAtMostOneMoreThanTwiceWhatItFinds(int present) throws IOException {
    List<byte[]> found = of(present).whilePresent(keys(256), 10);
    assertThat(found).hasSize(present);
    assertThat(IntStream.range(0, present).allMatch(i -> found.get(i)[0] == (byte) i)).isTrue();
    assertThat(requests.get()).isBetween(present + 1, 2 * present + 1);
  }

  @Test
  void takesNoMoreKeysThanThereAre() throws IOException {
    assertThat(of(100).whilePresent(keys(5), 10)).hasSize(5);
    assertThat(requests.get()).isEqualTo(5);
    assertThat(of(100).whilePresent(keys(0), 10)).isEmpty();
  }

  /** All requests of a round wait for each other, so this ends only if they are sent together. */
  @Test
  void sendsTheRequestsOfARoundTogether() throws IOException {
    CyclicBarrier fourthRound = new CyclicBarrier(4);
    GetsAhead ahead =
        new GetsAhead(
            (key, limit) -> {
              if (number(key) >= 4) {
                meet(fourthRound);
              }
              return new byte[0];
            },
            executor);
    assertThat(ahead.whilePresent(keys(8), 10)).hasSize(8);
  }

  private static void meet(CyclicBarrier barrier) throws IOException {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IOException("the others were not sent", e);
    }
  }

  @Test
  void failsOnlyWithWhatComesBeforeTheFirstThatIsMissing() throws IOException {
    assertThat(failing(6, 5).whilePresent(keys(8), 10)).as("5 is missing").hasSize(5);
    assertThatThrownBy(() -> failing(5, 6).whilePresent(keys(8), 10))
        .isInstanceOf(IOException.class)
        .hasMessage("no answer for log/5");
  }

  private GetsAhead failing(int broken, int missing) {
    return new GetsAhead(
        (key, limit) -> {
          if (number(key) == broken) {
            throw new IOException("no answer for " + key);
          }
          if (number(key) == missing) {
            throw new ObjectNotFoundException(key, URI.create("test:/"));
          }
          return new byte[0];
        },
        executor);
  }
}
