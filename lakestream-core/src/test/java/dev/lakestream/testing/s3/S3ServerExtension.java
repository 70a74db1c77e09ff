// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing.s3;

import dev.lakestream.store.ObjectStores;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.ListedStore;
import dev.lakestream.testing.StampedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Gives a test class the S3 server in memory that all of them share. It starts with the first and
 * ends with the last:
 *
 * <pre>{@code
 * @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();
 * }</pre>
 *
 * <p>The stores that it opens for a test are closed when the test ends.
 */
public final class S3ServerExtension implements BeforeAllCallback, AfterEachCallback {
  /** Each moment costs hundreds of requests; no operation of a process comes but once. */
  private static final int STRIDE = 7;

  /** By the thread of the test: classes run beside each other, the tests of one do not. */
  private final Map<Thread, Deque<InspectedStore>> opened = new ConcurrentHashMap<>();

  private S3Server server;

  @Override
  public void beforeAll(ExtensionContext context) {
    server =
        context
            .getRoot()
            .getStore(Namespace.create(S3ServerExtension.class))
            .computeIfAbsent(S3Server.class, type -> start(), S3Server.class);
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    Deque<InspectedStore> stores = opened.remove(Thread.currentThread());
    while (stores != null && !stores.isEmpty()) {
      stores.removeLast().close();
    }
  }

  private static S3Server start() {
    try {
      return S3Server.inMemory();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The server; only after the class has begun. */
  public S3Server server() {
    return server;
  }

  /** A store at a root that nobody else uses; to be called by the thread of the test. */
  public InspectedStore freshStore() {
    InspectedStore store = new ListedStore(ObjectStores.open(server.freshRoot(), server.options()));
    opened.computeIfAbsent(Thread.currentThread(), test -> new ArrayDeque<>()).addLast(store);
    return store;
  }

  /** What keeps the objects of tests on this server, with stamps of the time of the test. */
  public Backing backing() {
    return new Backing() {
      @Override
      public InspectedStore empty(InstantSource clock) {
        return new StampedStore(freshStore(), clock);
      }

      @Override
      public InspectedStore copy(InspectedStore store) {
        return ((StampedStore) store).copyTo(freshStore());
      }

      @Override
      public int stride() {
        return STRIDE;
      }
    };
  }
}
