// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.testing;

import dev.lakestream.testing.s3.S3Server;
import java.util.Map;

/** How S3A reaches the S3 server of the tests. Its credentials are the environment's. */
public final class S3a {
  /** After so many bytes an upload is sent in parts; S3 allows no smaller ones. */
  public static final int PART = 5 << 20;

  private S3a() {}

  /** What {@code ObjectStores.open} needs. */
  public static Map<String, String> options(S3Server server) {
    return Map.of(
        "hadoop.fs.s3a.endpoint",
        server.endpoint().toString(),
        "hadoop.fs.s3a.endpoint.region",
        "us-east-1",
        "hadoop.fs.s3a.path.style.access",
        "true",
        "hadoop.fs.s3a.multipart.size",
        String.valueOf(PART));
  }

  /** A root that nobody else uses. */
  public static String freshRoot(S3Server server) {
    return "s3a" + server.freshRoot().substring("s3".length());
  }
}
