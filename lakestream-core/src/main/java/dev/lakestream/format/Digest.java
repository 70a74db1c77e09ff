// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

import dev.lakestream.error.InvalidRequestException;
import java.io.Serializable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256.
 *
 * @param hex 64 lower-case hex digits
 */
public record Digest(String hex) implements Serializable {
  private static final int DIGITS = 64;

  /** What stands for the digest of a step that does not exist: 64 zeros. */
  public static final Digest ZERO = new Digest("0".repeat(64));

  public Digest {
    if (!isValid(hex)) {
      throw new InvalidRequestException("not a SHA-256 in 64 lower-case hex digits: '" + hex + "'");
    }
  }

  private static boolean isValid(String hex) {
    if (hex.length() != DIGITS) {
      return false;
    }
    for (int i = 0; i < DIGITS; i++) {
      if (!Syntax.isLowerHex(hex.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** The digest of these bytes. */
  public static Digest of(byte[] content) {
    return ofHash(sha256().digest(content));
  }

  /** Takes what a {@link MessageDigest} of {@link #sha256()} has computed. */
  public static Digest finish(MessageDigest digest) {
    return ofHash(digest.digest());
  }

  private static Digest ofHash(byte[] hash) {
    return new Digest(HexFormat.of().formatHex(hash));
  }

  /** The 32 bytes. */
  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  /** A fresh SHA-256, which every Java platform must have. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public String toString() {
    return hex;
  }
}
