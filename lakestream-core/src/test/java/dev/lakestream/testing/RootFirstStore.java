// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A saboteur: puts the root of a snapshot first, and then the segments that it names. */
public final class RootFirstStore extends ForwardingObjectStore {
  private final Map<ObjectKey, byte[]> heldBack = new LinkedHashMap<>();

  public RootFirstStore(ObjectStore delegate) {
    super(delegate);
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    if (key.value().startsWith("segments/")) {
      heldBack.put(key, content);
      return PutResult.CREATED;
    }
    PutResult result = delegate().putIfAbsent(key, content);
    for (Map.Entry<ObjectKey, byte[]> segment : heldBack.entrySet()) {
      delegate().putIfAbsent(segment.getKey(), segment.getValue());
    }
    heldBack.clear();
    return result;
  }
}
