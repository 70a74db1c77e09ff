// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.StoreRefusedException;
import dev.lakestream.testing.s3.S3ServerExtension;
import dev.lakestream.wire.WireProxy;
import dev.lakestream.wire.WireProxy.MadeUp;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import software.amazon.awssdk.core.SdkGlobalTime;

/**
 * A clock that is 20 minutes off. By itself, and undone afterwards: the SDK corrects its time for
 * all clients of the JVM once a server has told it to.
 */
@Isolated
@Timeout(60)
class S3ClockTest {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();
  private static final ObjectKey KEY = ObjectKey.of("log/x");

  @AfterEach
  void setTheClockRight() {
    SdkGlobalTime.setGlobalTimeOffset(0);
  }

  @Test
  void clockThatIsOff() throws IOException {
    String date =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            Instant.now().plusSeconds(20 * 60 + 5).atOffset(ZoneOffset.UTC));
    MadeUp skewed = MadeUp.s3Error(403, "RequestTimeTooSkewed");
    try (WireProxy proxy = WireProxy.before(S3.server().endpoint())) {
      proxy.answer(
          request -> true,
          new MadeUp(403, skewed.headers() + "Date: " + date + "\r\n", skewed.body()));
      try (ObjectStore store =
          ObjectStores.open(
              S3.server().freshRoot(), Map.of("s3.endpoint", proxy.endpoint().toString()))) {
        assertThatThrownBy(() -> store.get(KEY, 1))
            .isInstanceOf(StoreRefusedException.class)
            .hasMessageContainingAll("clock", "20 min", "NTP");
        assertThatThrownBy(() -> store.putIfAbsent(KEY, new byte[1]))
            .isInstanceOf(StoreRefusedException.class)
            .hasMessageContainingAll("clock", "20 min", "NTP");
      }
    }
  }
}
