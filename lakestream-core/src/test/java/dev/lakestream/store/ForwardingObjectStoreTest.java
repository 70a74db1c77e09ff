// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.testing.MemoryStore;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ForwardingObjectStoreTest extends ObjectStoreContract {
  private static final class Forwarding extends ForwardingObjectStore {
    Forwarding(ObjectStore delegate) {
      super(delegate);
    }
  }

  @Override
  protected ObjectStore createStore() {
    return new Forwarding(new MemoryStore());
  }

  /** A default method of the interface that is not passed on would answer for the wrong store. */
  @Test
  void passesEveryOperationOn() {
    assertThat(
            Arrays.stream(ObjectStore.class.getDeclaredMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .map(Method::getName))
        .isSubsetOf(
            Arrays.stream(ForwardingObjectStore.class.getDeclaredMethods())
                .map(Method::getName)
                .toList());
  }
}
