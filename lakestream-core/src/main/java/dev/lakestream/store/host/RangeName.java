// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.host;

import dev.lakestream.store.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;

/** The name of a range of a bundle, which is that of its file and says which byte is its lock. */
record RangeName(String hex) {
  static final int BYTES = 32;

  static RangeName of(UUID stream, ObjectKey key, long offset, int length) {
    String text =
        "lakestream range 1\n" + stream + "\n" + key + "\n" + offset + "\n" + length + "\n";
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return new RangeName(HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  /** The byte of the lock file that belongs to whoever fetches the range. */
  long turnAt() {
    return 1 + (ByteBuffer.wrap(bytes()).getLong() >>> 2);
  }
}
