// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where endpoint, region and path style lead; no server is asked. */
class S3OptionsTest {
  @ParameterizedTest
  @CsvSource({
    ", eu-central-1, , https://bucket.s3.eu-central-1.amazonaws.com/key",
    ", eu-central-1, true, https://s3.eu-central-1.amazonaws.com/bucket/key",
    "http://store.example:9000, , , http://store.example:9000/bucket/key",
    "http://store.example:9000, eu-west-3, false, http://bucket.store.example:9000/key",
  })
  void theyMakeTheAddressOfAnObject(
      String endpoint, String region, String pathStyle, String address) {
    Map<String, String> options = new HashMap<>();
    options.put("s3.endpoint", endpoint);
    options.put("s3.region", region);
    options.put("s3.path-style", pathStyle);
    options.values().removeIf(Objects::isNull);
    // As the build sets it for tests.
    Map<String, String> variables = Map.of("AWS_ENDPOINT_URL", "");
    try (S3Connection connection = S3Connection.open(S3Options.of(options, variables))) {
      assertThat(connection.retrying().utilities().getUrl(url -> url.bucket("bucket").key("key")))
          .hasToString(address);
      assertThat(connection.retrying().serviceClientConfiguration().region().id())
          .isEqualTo(region == null ? "us-east-1" : region);
    }
  }
}
