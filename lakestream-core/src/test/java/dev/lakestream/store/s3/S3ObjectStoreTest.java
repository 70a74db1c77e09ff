// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStoreContract;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.testing.s3.S3ServerExtension;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on a server in memory, with ranges and parts small enough to need several. */
class S3ObjectStoreTest extends ObjectStoreContract {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Override
  protected ObjectStore createStore() {
    Map<String, String> options = new HashMap<>(S3.server().options());
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
    return 25;
  }
}
