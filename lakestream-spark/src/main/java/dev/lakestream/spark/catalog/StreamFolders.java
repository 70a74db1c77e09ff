// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.catalog;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Folders below a root: one with a {@code stream.json} is a stream, any other is a namespace. An
 * empty namespace is there because of a marker, since object stores have no folders.
 */
public final class StreamFolders {
  private static final String MARKER = "namespace.json";

  private final ObjectStore store;

  /** Does not own the store. */
  public StreamFolders(ObjectStore store) {
    this.store = store;
  }

  /** The names of the streams right below a namespace. */
  public List<String> streams(Optional<ObjectKey> namespace) throws IOException {
    return below(namespace, true);
  }

  /** The names of the namespaces right below another one. */
  public List<String> namespaces(Optional<ObjectKey> namespace) throws IOException {
    return below(namespace, false);
  }

  /** Whether there is such a namespace; the root is always there. */
  public boolean isNamespace(Optional<ObjectKey> folder) throws IOException {
    return folder.isEmpty()
        || (!isStream(folder.get())
            && (store.head(marker(folder.get())).isPresent() || !store.folders(folder).isEmpty()));
  }

  /** Makes an empty namespace; nothing happens if there is one. */
  public void createNamespace(ObjectKey folder) throws IOException {
    store.putIfAbsent(marker(folder), "{}\n".getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Removes an empty namespace.
   *
   * @return false if there is something in it
   */
  public boolean dropNamespace(ObjectKey folder) throws IOException {
    if (!streams(Optional.of(folder)).isEmpty() || !namespaces(Optional.of(folder)).isEmpty()) {
      return false;
    }
    store.delete(marker(folder));
    return true;
  }

  private List<String> below(Optional<ObjectKey> namespace, boolean streams) throws IOException {
    List<String> found = new ArrayList<>();
    for (String name : store.folders(namespace)) {
      ObjectKey folder =
          ObjectKey.of(namespace.map(above -> above.value() + "/" + name).orElse(name));
      if (isStream(folder) == streams && (streams || isNamespace(Optional.of(folder)))) {
        found.add(name);
      }
    }
    return found;
  }

  private boolean isStream(ObjectKey folder) throws IOException {
    return store.head(ObjectKey.of(folder + "/" + StreamKeys.STREAM)).isPresent();
  }

  private static ObjectKey marker(ObjectKey folder) {
    return ObjectKey.of(folder + "/" + MARKER);
  }
}
