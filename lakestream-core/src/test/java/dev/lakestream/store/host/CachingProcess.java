// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.host;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;

/**
 * A process that reads ranges through a host's cache, for tests of both languages: prints the
 * SHA-256 of each and waits until its input ends.
 */
final class CachingProcess {
  private CachingProcess() {}

  /**
   * Reads.
   *
   * @param arguments root of the store, folder of the cache, id of the stream, then for each range
   *     key, offset, length
   */
  public static void main(String[] arguments) throws IOException, NoSuchAlgorithmException {
    try (ObjectStore store = ObjectStores.open(arguments[0], Map.of());
        HostCache cache = HostCache.at(Path.of(arguments[1]), 1L << 30)) {
      ObjectStore cached = cache.over(store, UUID.fromString(arguments[2]));
      for (int i = 3; i < arguments.length; i += 3) {
        try (Region region =
            cached.read(
                ObjectKey.of(arguments[i]),
                Long.parseLong(arguments[i + 1]),
                Integer.parseInt(arguments[i + 2]))) {
          MessageDigest digest = MessageDigest.getInstance("SHA-256");
          digest.update(region.bytes().duplicate());
          System.out.println(HexFormat.of().formatHex(digest.digest()));
        }
      }
      System.out.flush();
      while (System.in.read() >= 0) {
        // Nobody says anything.
      }
    }
  }
}
