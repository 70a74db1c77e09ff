// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.hadoop.testing.HdfsExtension;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStoreContract;
import dev.lakestream.store.ObjectStores;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on a real HDFS. */
class HdfsObjectStoreTest extends ObjectStoreContract {
  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();

  @Override
  protected ObjectStore createStore() {
    return ObjectStores.open(HDFS.hdfs().freshRoot(), Map.of());
  }

  @Override
  protected int racedKeys() {
    return 50;
  }
}
