// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import java.io.Serializable;
import java.util.Map;

/**
 * Where a stream is and how its store is reached, the same on the driver and on the executors.
 *
 * @param root a URI; no path that depends on where a process runs
 * @param storeOptions for {@link ObjectStores}; may hold secrets
 */
public record StreamAddress(String root, Map<String, String> storeOptions) implements Serializable {
  public StreamAddress {
    storeOptions = Map.copyOf(storeOptions);
  }

  /** The address that these options give; a relative path becomes absolute. */
  static StreamAddress of(OptionReader options) {
    String path = options.required("path", "the URI of the stream, as in save(uri) and load(uri)");
    Map<String, String> forStore = options.dotted();
    try (ObjectStore store = ObjectStores.open(path, forStore)) {
      return new StreamAddress(store.root().toString(), forStore);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException("the store of '" + path + "' could not be opened", e);
    }
  }

  public ObjectStore open() {
    return ObjectStores.open(root, storeOptions);
  }

  @Override
  public String toString() {
    return root;
  }
}
