// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/** Seals what our own code would never write, so that only what is behind the seal is tested. */
public final class Seals {
  /** The bytes of a seal. */
  public static final int LENGTH = 22;

  private Seals() {}

  /** Any text, up to where the seal's comma comes, with its seal. */
  public static byte[] seal(String body) {
    return seal(body.getBytes(UTF_8));
  }

  /** Any bytes with their seal. */
  public static byte[] seal(byte[] body) {
    byte[] end = (",\"crc32c\":\"" + crc32c(body) + "\"}\n").getBytes(UTF_8);
    byte[] sealed = Arrays.copyOf(body, body.length + end.length);
    System.arraycopy(end, 0, sealed, body.length, end.length);
    return sealed;
  }

  /** The same object without its seal and what follows that, to be changed and sealed again. */
  public static String unseal(byte[] sealed) {
    return new String(sealed, 0, sealed.length - rest(sealed).length - LENGTH, UTF_8);
  }

  /** What follows the seal: refs, or nothing. */
  public static byte[] rest(byte[] sealed) {
    int end = 0;
    while (sealed[end] != '\n') {
      end++;
    }
    return Arrays.copyOfRange(sealed, end + 1, sealed.length);
  }

  /** The same object with other JSON, sealed again; what follows it stays as it is. */
  public static byte[] changed(byte[] sealed, UnaryOperator<String> change) {
    return followed(seal(change.apply(unseal(sealed))), rest(sealed));
  }

  /** An object that bytes follow. */
  public static byte[] followed(byte[] sealed, byte[] rest) {
    byte[] all = Arrays.copyOf(sealed, sealed.length + rest.length);
    System.arraycopy(rest, 0, all, sealed.length, rest.length);
    return all;
  }

  /** Eight hex digits. */
  public static String crc32c(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    String hex = Long.toHexString(crc.getValue());
    return "0".repeat(8 - hex.length()) + hex;
  }
}
