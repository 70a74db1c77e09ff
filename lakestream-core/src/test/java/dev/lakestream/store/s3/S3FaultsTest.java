// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.Region;
import dev.lakestream.testing.s3.S3ServerExtension;
import dev.lakestream.wire.WireFault;
import dev.lakestream.wire.WireProxy;
import dev.lakestream.wire.WireRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What becomes of single requests that go wrong on the wire. */
@Timeout(120)
class S3FaultsTest {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();
  private static final ObjectKey KEY = ObjectKey.of("log/00000000000000000000.json");
  private static final int RANGE = 64 << 10;

  private WireProxy proxy;
  private ObjectStore store;
  private ObjectStore direct;

  @BeforeEach
  void begin() throws IOException {
    proxy = WireProxy.before(S3.server().endpoint());
    String root = S3.server().freshRoot();
    Map<String, String> options = new HashMap<>();
    options.put("s3.endpoint", proxy.endpoint().toString());
    options.put("s3.range-size", "64KB");
    options.put("s3.part-size", "5MB");
    store = ObjectStores.open(root, options);
    direct = ObjectStores.open(root, S3.server().options());
  }

  @AfterEach
  void end() throws IOException {
    assertThat(proxy.openPlans()).isZero();
    store.close();
    direct.close();
    proxy.close();
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"DELAY", "HALF_BODY", "WRONG_LENGTH", "STALL"})
  void aPutIfAbsentThatNobodyAnsweredIsUnknownAndSentOnce(WireFault fault) throws Exception {
    store.head(KEY); // opens a connection
    proxy.takeRequests();
    proxy.plan(WireRequest::isConditionalPut, fault);
    assertThatThrownBy(() -> store.putIfAbsent(KEY, bytes("mine")))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining(KEY.value());
    assertThat(proxy.takeRequests()).hasSize(1);
    boolean acted = fault == WireFault.LOST_RESPONSE || fault == WireFault.ACTED_500;
    // A late request lands before or after the next one: either way one of the two wins.
    if (fault != WireFault.LATE_REQUEST) {
      assertThat(store.putIfAbsent(KEY, bytes("mine")))
          .isEqualTo(acted ? PutResult.EXISTS : PutResult.CREATED);
    } else {
      store.putIfAbsent(KEY, bytes("mine"));
    }
    assertThat(direct.get(KEY, 100)).isEqualTo(bytes("mine"));
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "LOST_RESPONSE",
        "RESET",
        "HALF_BODY",
        "WRONG_LENGTH",
        "ERROR_500",
        "ACTED_500",
        "SLOW_DOWN",
        "DELAY"
      })
  void readsGoOn(WireFault fault) throws IOException {
    byte[] content = new byte[5 * RANGE + 17];
    new Random(1).nextBytes(content);
    direct.putIfAbsent(KEY, content);
    for (int i = 0; i < 3; i++) {
      proxy.plan(request -> request.method().equals("GET"), fault);
    }
    try (Region region = store.read(KEY, 1, content.length - 1)) {
      assertThat(region.bytes()).isEqualTo(ByteBuffer.wrap(content, 1, content.length - 1));
    }
    proxy.plan(request -> request.method().equals("GET"), fault);
    assertThat(store.get(KEY, content.length)).isEqualTo(content);
  }

  @Test
  void whatIsBrokenForGoodIsAnErrorInTheEnd() throws IOException {
    direct.putIfAbsent(KEY, new byte[1000]);
    for (int i = 0; i < 4; i++) {
      proxy.plan(request -> request.method().equals("GET"), WireFault.WRONG_LENGTH);
    }
    proxy.plan(request -> request.method().equals("GET"), WireFault.WRONG_LENGTH);
    assertThatThrownBy(() -> store.read(KEY, 0, 1000).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(KEY.value())
        .hasMessageContaining("5 times");
  }

  @Test
  void asksASecondTimeForASlowAnswer() throws IOException {
    byte[] content = new byte[RANGE];
    new Random(2).nextBytes(content);
    direct.putIfAbsent(KEY, content);
    for (int i = 0; i < 40; i++) {
      store.read(KEY, 0, RANGE).close();
    }
    proxy.takeRequests();
    proxy.delaying(Duration.ofMinutes(5)).plan(request -> true, WireFault.DELAY);
    try (Region region = store.read(KEY, 0, RANGE)) {
      assertThat(region.bytes()).isEqualTo(ByteBuffer.wrap(content));
    }
    assertThat(proxy.takeRequests()).hasSize(2);
  }

  /** All are asked for before any is answered: else a range takes as long as its parts together. */
  @Test
  void asksForThePartsOfARangeAtTheSameTime() throws Exception {
    direct.putIfAbsent(KEY, new byte[3 * RANGE]);
    proxy.delaying(Duration.ofMinutes(5));
    for (int part = 0; part < 3; part++) {
      proxy.plan(request -> true, WireFault.DELAY);
    }
    ExecutorService reader = Executors.newSingleThreadExecutor();
    try {
      Future<Region> read = reader.submit(() -> store.read(KEY, 0, 3 * RANGE));
      Set<String> asked = new HashSet<>();
      while (asked.size() < 3) {
        proxy.takeRequests().forEach(request -> asked.add(request.header("Range")));
        Thread.onSpinWait();
      }
      assertThat(asked)
          .containsExactlyInAnyOrder(
              "bytes=0-" + (RANGE - 1),
              "bytes=" + RANGE + "-" + (2 * RANGE - 1),
              "bytes=" + 2 * RANGE + "-" + (3 * RANGE - 1));
      assertThat(read.isDone()).isFalse();
    } finally {
      reader.shutdownNow();
    }
  }

  /** Long before the connection's time-out, and nothing that came is fetched again. */
  @Test
  void goesOnWhereABodyStalled() throws IOException {
    byte[] content = new byte[RANGE];
    new Random(3).nextBytes(content);
    direct.putIfAbsent(KEY, content);
    Map<String, String> patient =
        Map.of("s3.endpoint", proxy.endpoint().toString(), "s3.timeout", "600s");
    try (ObjectStore store = ObjectStores.open(direct.root().toString(), patient)) {
      proxy.plan(request -> true, WireFault.STALL);
      try (Region region = store.read(KEY, 0, RANGE)) {
        assertThat(region.bytes()).isEqualTo(ByteBuffer.wrap(content));
      }
      assertThat(proxy.takeRequests())
          .extracting(request -> request.header("Range"))
          .containsExactly("bytes=0-" + (RANGE - 1), "bytes=" + RANGE / 2 + "-" + (RANGE - 1));

      proxy.plan(request -> true, WireFault.STALL);
      assertThat(store.get(KEY, RANGE)).isEqualTo(content);
    }
  }

  @Test
  void recoversAfterBeingToldToSlowDown() throws IOException {
    direct.putIfAbsent(KEY, new byte[100]);
    for (int burst = 0; burst < 2; burst++) {
      for (int i = 0; i < 3; i++) {
        proxy.plan(request -> true, WireFault.SLOW_DOWN);
      }
      assertThat(store.get(KEY, 100)).hasSize(100);
    }
    long begin = System.nanoTime();
    for (int i = 0; i < 50; i++) {
      store.get(KEY, 100);
    }
    // Half a request per second, the least that the SDK goes down to, would take 100 s.
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(60));
  }

  @ParameterizedTest
  @EnumSource(names = {"LOST_RESPONSE", "RESET", "ERROR_500", "ACTED_500", "SLOW_DOWN", "CONFLICT"})
  void uploadsArriveOnce(WireFault fault) throws IOException {
    ObjectKey small = ObjectKey.of("data/small");
    proxy.plan(WireRequest::isConditionalPut, fault);
    upload(small, 1000).finish();
    assertThat(direct.head(small).orElseThrow().size()).isEqualTo(1000);

    ObjectKey large = ObjectKey.of("data/large");
    proxy.plan(request -> request.target().contains("partNumber=2"), fault);
    proxy.plan(
        request -> request.method().equals("POST") && request.target().contains("uploadId"), fault);
    try (ObjectUpload upload = upload(large, 11 << 20)) {
      upload.finish();
    }
    assertThat(direct.head(large).orElseThrow().size()).isEqualTo(11 << 20);
    assertThat(direct.pendingUploads()).isEmpty();
  }

  @Test
  void anUploadThatFailsLeavesNothing() throws IOException {
    ObjectKey large = ObjectKey.of("data/large");
    proxy.answer(
        request -> request.target().contains("partNumber=2"),
        WireProxy.MadeUp.s3Error(403, "AccessDenied"));
    try (ObjectUpload upload = upload(large, 11 << 20)) {
      assertThatThrownBy(upload::finish)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("data/large")
          .hasMessageContaining("s3:PutObject");
    }
    assertThat(direct.head(large)).isEmpty();
    assertThat(direct.pendingUploads()).isEmpty();
  }

  /** The server compares what arrives with the checksum that came with it. */
  @Test
  void damageOnTheWayIsRefused() throws IOException {
    proxy.damaging(request -> request.method().equals("PUT"));
    assertThatThrownBy(() -> store.putIfAbsent(KEY, bytes("what I say")))
        .isInstanceOf(IOException.class);
    ObjectKey large = ObjectKey.of("data/large");
    try (ObjectUpload upload = store.upload(large)) {
      upload.write(ByteBuffer.allocate(6 << 20));
      assertThatThrownBy(upload::finish).isInstanceOf(IOException.class);
    }
    assertThat(direct.head(KEY)).isEmpty();
    assertThat(direct.head(large)).isEmpty();
  }

  private ObjectUpload upload(ObjectKey key, int length) throws IOException {
    ObjectUpload upload = store.upload(key);
    ByteBuffer content = ByteBuffer.allocate(length);
    while (content.hasRemaining()) {
      upload.write(content);
    }
    return upload;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
