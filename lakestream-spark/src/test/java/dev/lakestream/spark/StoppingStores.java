// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStoreProvider;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stores behind which a process stands still at a certain put, says so, and waits to be killed. The
 * option {@code stopping.root} is the store behind, {@code stopping.at} says when: {@code before
 * log/ 2} is before the second put of an object below {@code log/} by this process.
 */
public final class StoppingStores implements ObjectStoreProvider {
  /** What a process says that waits to be killed. */
  public static final String STOPPED = "standing still ";

  private static final String ROOT = "stopping.root";
  private static final String AT = "stopping.at";

  /** Puts of this process so far; a process has many stores, one for each task. */
  private static final AtomicInteger PUTS = new AtomicInteger();

  /** The options of a store that stops, or never does if nothing is said. */
  public static Map<String, String> options(String root, String at) {
    return Map.of(ROOT, root, AT, at);
  }

  @Override
  public Set<String> schemes() {
    return Set.of("stopping");
  }

  @Override
  public ObjectStore open(URI root, Map<String, String> options) {
    Map<String, String> behind = new TreeMap<>(options);
    String[] at = behind.remove(AT).split(" ", -1);
    ObjectStore store = ObjectStores.open(behind.remove(ROOT), behind);
    return new StoppingStore(store, root, at[0], at[1], Integer.parseInt(at[2]));
  }

  private static final class StoppingStore extends ForwardingObjectStore {
    private final URI root;
    private final String when;
    private final String folder;
    private final int count;

    StoppingStore(ObjectStore behind, URI root, String when, String folder, int count) {
      super(behind);
      this.root = root;
      this.when = when;
      this.folder = folder;
      this.count = count;
    }

    @Override
    public URI root() {
      return root;
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
      boolean stops = stops(key);
      if (stops && when.equals("before")) {
        standStill(key);
      }
      PutResult result = super.putIfAbsent(key, content);
      if (stops) {
        standStill(key);
      }
      return result;
    }

    @Override
    public ObjectUpload upload(ObjectKey key) throws IOException {
      if (stops(key)) {
        standStill(key);
      }
      return super.upload(key);
    }

    private boolean stops(ObjectKey key) {
      return key.value().startsWith(folder) && PUTS.incrementAndGet() == count;
    }

    private void standStill(ObjectKey key) {
      System.out.println(STOPPED + when + " " + key.value());
      System.out.flush();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody was to interrupt this", e);
      }
    }
  }
}
