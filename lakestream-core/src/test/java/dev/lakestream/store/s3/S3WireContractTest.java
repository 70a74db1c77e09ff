// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStoreContract;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.testing.s3.S3ServerExtension;
import dev.lakestream.wire.WireFault;
import dev.lakestream.wire.WireProxy;
import dev.lakestream.wire.WireRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The contract while one request in twenty meets a fault: nobody learns of it. Left alone are
 * put-if-absents, whose faults callers are to learn of ({@link S3FaultsTest}).
 */
class S3WireContractTest extends ObjectStoreContract {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();
  private static WireProxy proxy;

  @BeforeAll
  static void startProxy() throws IOException {
    proxy =
        WireProxy.before(S3.server().endpoint())
            .delaying(Duration.ofMillis(50))
            .randomly(1, 0.05, EnumSet.allOf(WireFault.class), S3WireContractTest::mayFail);
  }

  @AfterAll
  static void stopProxy() throws IOException {
    proxy.close();
  }

  private static boolean mayFail(WireRequest request) {
    return !request.isConditionalPut() || !request.header("x-amz-meta-lakestream-upload").isEmpty();
  }

  @Override
  protected ObjectStore createStore() {
    Map<String, String> options = new HashMap<>();
    options.put("s3.endpoint", proxy.endpoint().toString());
    options.put("s3.range-size", "64KB");
    options.put("s3.part-size", "5MB");
    return ObjectStores.open(S3.server().freshRoot(), options);
  }

  @Override
  protected int pendingBytes() {
    return S3Options.SMALLEST_PART + 1000;
  }

  @Override
  protected int racedKeys() {
    return 10;
  }
}
