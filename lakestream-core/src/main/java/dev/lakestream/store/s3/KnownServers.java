// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Servers that look before they act, so that two racing conditional puts may both win: rarely,
 * which is why they are known by name too.
 */
final class KnownServers {
  /** Part of a {@code Server} header, in lower case, to what it is. */
  private static final Map<String, String> BROKEN =
      Map.of(
          "werkzeug", "moto, in which several racing conditional puts of a key can win",
          "s3mock", "S3Mock, in which several racing conditional puts of a key win",
          "s3rver", "s3rver, which ignores the condition of a put");

  private KnownServers() {}

  /** Why a server of this name can't keep a stream, or empty. */
  static Optional<String> broken(String server) {
    String name = server.toLowerCase(Locale.ROOT);
    return BROKEN.entrySet().stream()
        .filter(known -> name.contains(known.getKey()))
        .map(known -> "the server calls itself '" + server.strip() + "', it is " + known.getValue())
        .findFirst();
  }
}
