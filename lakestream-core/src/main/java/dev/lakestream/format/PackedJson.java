// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.CorruptObjectException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * Sealed JSON that goes on after its line feed, with bytes of which it says number and checksum
 * ({@code docs/format.md} §1). Thousands of refs are read faster so than as text. Immutable.
 */
public final class PackedJson {
  private static final int CRC_DIGITS = 8;

  private final JsonObject json;
  private final byte[] content;

  /** Where the object ends. */
  private final int end;

  private PackedJson(JsonObject json, byte[] content, int end) {
    this.json = json;
    this.content = content;
    this.end = end;
  }

  /** Says in a member of an object what will follow it. */
  public static void describe(byte[] packed, String member, ObjectNode json) {
    json.putObject(member).put("bytes", packed.length).put("crc32c", crc32c(packed, 0));
  }

  /** The bytes of an object that describes what follows it, and that. */
  public static byte[] seal(ObjectNode object, byte[] packed) {
    byte[] head = SealedJson.seal(object);
    byte[] all = Arrays.copyOf(head, head.length + packed.length);
    System.arraycopy(packed, 0, all, head.length, packed.length);
    return all;
  }

  /**
   * Checks the seal and parses what is JSON.
   *
   * @param object the key of the object, for errors
   * @param content is not to be changed afterwards
   */
  public static PackedJson open(String object, byte[] content) {
    int end = 0;
    while (end < content.length && content[end] != '\n') {
      end++;
    }
    int head = Math.min(end + 1, content.length);
    return new PackedJson(SealedJson.open(object, Arrays.copyOf(content, head)), content, head);
  }

  /** The members of the object. */
  public JsonObject json() {
    return json;
  }

  /**
   * What follows the object.
   *
   * @param description of it, a part of the object
   * @throws CorruptObjectException if it is something else
   */
  public byte[] packed(JsonObject description) {
    int bytes = content.length - end;
    if (description.integer("bytes") != bytes) {
      throw description.corrupt(
          bytes + " bytes follow the object, it says " + description.integer("bytes"));
    }
    if (!description.string("crc32c", CRC_DIGITS).equals(crc32c(content, end))) {
      throw description.corrupt("its checksum does not match what follows the object");
    }
    return Arrays.copyOfRange(content, end, content.length);
  }

  private static String crc32c(byte[] content, int from) {
    CRC32C crc = new CRC32C();
    crc.update(content, from, content.length - from);
    return HexFormat.of().toHexDigits(crc.getValue(), CRC_DIGITS);
  }
}
