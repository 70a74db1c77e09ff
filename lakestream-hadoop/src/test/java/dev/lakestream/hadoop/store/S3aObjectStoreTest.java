// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.hadoop.testing.S3a;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStoreContract;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on S3A, before a server in memory, with parts small enough to need several. */
class S3aObjectStoreTest extends ObjectStoreContract {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Override
  protected ObjectStore createStore() {
    return ObjectStores.open(S3a.freshRoot(S3.server()), S3a.options(S3.server()));
  }

  @Override
  protected int pendingBytes() {
    return S3a.PART + 1000;
  }

  @Override
  protected int racedKeys() {
    return 10;
  }
}
