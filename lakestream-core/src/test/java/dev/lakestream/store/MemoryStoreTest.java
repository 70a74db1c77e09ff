// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.MemoryStore;

/** The doubles keep the contract too, or the tests that use them would prove nothing. */
class MemoryStoreTest extends ObjectStoreContract {
  @Override
  protected ObjectStore createStore() {
    return new FaultyStore(new MemoryStore());
  }
}
