// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.PutResult;
import java.util.List;
import java.util.Map;

/** A store whose objects a test may look at, and damage; what a test does itself, succeeds. */
public interface InspectedStore extends ObjectStore {
  /** All objects by key. */
  Map<String, byte[]> contents();

  /** The keys below a folder. */
  default List<String> keys(String folder) {
    return contents().keySet().stream().filter(key -> key.startsWith(folder + "/")).toList();
  }

  @Override
  PutResult putIfAbsent(ObjectKey key, byte[] content);

  @Override
  void delete(ObjectKey key);

  /** Replaces an object, as only damage can. */
  void damage(String key, byte[] content);
}
