// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.cli.StoreOptions;
import dev.lakestream.error.InvalidRequestException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FaultyWireTest {
  private static final String SERVER = "http://127.0.0.1:9000";
  private static final String OTHER = "http://127.0.0.1:9001";

  @Test
  void standsBeforeTheServerThatTheStoreWouldUse() {
    StoreOptions none = new StoreOptions();
    assertThat(
            FaultyWire.endpoint(
                none.with("s3.endpoint", SERVER), Map.of("AWS_ENDPOINT_URL", OTHER)))
        .isEqualTo(URI.create(SERVER));
    assertThat(
            FaultyWire.endpoint(
                none, Map.of("AWS_ENDPOINT_URL", OTHER, "AWS_ENDPOINT_URL_S3", SERVER)))
        .isEqualTo(URI.create(SERVER));
    assertThat(
            FaultyWire.endpoint(
                none, Map.of("AWS_ENDPOINT_URL", SERVER, "AWS_ENDPOINT_URL_S3", "")))
        .isEqualTo(URI.create(SERVER));
  }

  @Test
  void needsOneThatSpeaksPlainHttp() {
    for (String endpoint : new String[] {"", "https://127.0.0.1:9000", "http://host"}) {
      assertThatThrownBy(
              () -> FaultyWire.endpoint(new StoreOptions().with("s3.endpoint", endpoint), Map.of()))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("http://host:port");
    }
  }
}
