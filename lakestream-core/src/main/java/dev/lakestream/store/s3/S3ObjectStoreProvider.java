// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStoreProvider;
import java.net.URI;
import java.util.Map;
import java.util.Set;

/** Opens {@code s3://bucket/prefix}. */
public final class S3ObjectStoreProvider implements ObjectStoreProvider {
  @Override
  public Set<String> schemes() {
    return Set.of("s3");
  }

  @Override
  public ObjectStore open(URI root, Map<String, String> options) {
    return S3ObjectStore.open(root, options, System.getenv(), S3Environment.system());
  }
}
