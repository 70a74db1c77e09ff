// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStoreProvider;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * {@code stalling:} before a URI: the store there, but the put of the entry that commits steps does
 * not return. It says that it has come by creating a file, so that its process can be killed then.
 */
public final class StallingStoreProvider implements ObjectStoreProvider {
  static final String PREFIX = "stalling:";

  /** The options: the file to create, and whether the entry is put before it. */
  static final String FILE = "stalling.file";

  static final String AFTERWARDS = "stalling.afterwards";

  @Override
  public Set<String> schemes() {
    return Set.of("stalling");
  }

  @Override
  public ObjectStore open(URI root, Map<String, String> options) {
    ObjectStore store = ObjectStores.open(root.toString().substring(PREFIX.length()), options);
    return new StallingStore(
        store,
        Path.of(options.get(FILE)),
        Boolean.parseBoolean(options.getOrDefault(AFTERWARDS, "false")));
  }

  private static final class StallingStore extends ForwardingObjectStore {
    private final Path file;
    private final boolean afterwards;

    StallingStore(ObjectStore store, Path file, boolean afterwards) {
      super(store);
      this.file = file;
      this.afterwards = afterwards;
    }

    @Override
    public URI root() {
      return URI.create(PREFIX + delegate().root());
    }

    @Override
    public Optional<ObjectStore> parent() {
      return Optional.empty();
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
      boolean commitsSteps =
          key.value().startsWith("log/")
              && new String(content, StandardCharsets.UTF_8).contains("\"steps\":");
      if (!commitsSteps) {
        return super.putIfAbsent(key, content);
      }
      if (afterwards) {
        super.putIfAbsent(key, content);
      }
      Files.createFile(file);
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new UncheckedIOException(new IOException(e));
      }
      throw new IllegalStateException("nobody counts down");
    }
  }
}
