// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * JSON objects that end with a checksum of themselves ({@code docs/format.md} §1): plain JSON for
 * any tool, and a torn or flipped one is seen at once.
 */
public final class SealedJson {
  private static final String SEAL_START = ",\"crc32c\":\"";
  private static final String SEAL_END = "\"}\n";
  private static final int CRC_DIGITS = 8;
  private static final int SEAL_LENGTH = SEAL_START.length() + CRC_DIGITS + SEAL_END.length();

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(Limits.NESTING)
                          .maxStringLength(Limits.SEGMENT_BYTES)
                          .maxDocumentLength(Limits.SEGMENT_BYTES)
                          .build())
                  // Names come from strangers: a table of them could be flooded with collisions.
                  .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                  .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // The tree knows its names anyway; the parser would keep a set of its own of each object.
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .build();

  private SealedJson() {}

  /** An empty object to fill and {@linkplain #seal seal}; members keep their order. */
  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /**
   * The bytes of this object with its seal. The object must have a member.
   *
   * @throws InvalidRequestException if a string in it is not Unicode
   */
  public static byte[] seal(ObjectNode object) {
    byte[] plain = utf8(object.toString());
    int body = plain.length - 1; // without the closing brace
    CRC32C crc = new CRC32C();
    crc.update(plain, 0, body);
    byte[] suffix =
        (SEAL_START + HexFormat.of().toHexDigits(crc.getValue(), CRC_DIGITS) + SEAL_END)
            .getBytes(StandardCharsets.US_ASCII);
    byte[] sealed = Arrays.copyOf(plain, body + SEAL_LENGTH);
    System.arraycopy(suffix, 0, sealed, body, SEAL_LENGTH);
    return sealed;
  }

  private static byte[] utf8(String text) {
    byte[] lenient = text.getBytes(StandardCharsets.UTF_8);
    if (lenient.length == text.length() && isAscii(text)) {
      return lenient;
    }
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] content = new byte[bytes.remaining()];
      bytes.get(content);
      return content;
    } catch (CharacterCodingException e) {
      throw new InvalidRequestException("a string is not Unicode: it has half of a surrogate pair");
    }
  }

  /**
   * Checks the seal and parses.
   *
   * @param object the key of the object, for errors
   */
  public static JsonObject open(String object, byte[] content) {
    int body = content.length - SEAL_LENGTH;
    if (body < 1) {
      throw new CorruptObjectException(
          object, "it is torn: " + content.length + " bytes are too few for a sealed object");
    }
    String seal = new String(content, body, SEAL_LENGTH, StandardCharsets.ISO_8859_1);
    CRC32C crc = new CRC32C();
    crc.update(content, 0, body);
    String expected =
        SEAL_START + HexFormat.of().toHexDigits(crc.getValue(), CRC_DIGITS) + SEAL_END;
    if (!seal.equals(expected)) {
      throw new CorruptObjectException(
          object,
          seal.startsWith(SEAL_START) && seal.endsWith(SEAL_END)
              ? "its checksum does not match its content"
              : "it is torn: the seal at its end is missing");
    }
    return new JsonObject(object, parse(object, content));
  }

  /** Parses an object without a seal, just as strictly: one that travels outside of the store. */
  public static JsonObject unsealed(String object, String text) {
    return new JsonObject(object, parse(object, text.toCharArray()));
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static JsonNode parse(String object, byte[] content) {
    char[] ascii = new char[content.length];
    int length = 0;
    while (length < content.length && content[length] >= 0) {
      ascii[length] = (char) content[length];
      length++;
    }
    if (length == content.length) {
      return parse(object, ascii);
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(content))
              .toString();
      return parse(object, text.toCharArray());
    } catch (CharacterCodingException e) {
      throw new CorruptObjectException(object, "it is not UTF-8", e);
    }
  }

  private static JsonNode parse(String object, char[] text) {
    // Of an array the parser takes long strings whole; of a text it copies them, part by part.
    try (JsonParser parser = MAPPER.createParser(text)) {
      return MAPPER.readValue(parser, JsonNode.class);
    } catch (JsonProcessingException e) {
      throw new CorruptObjectException(object, "it is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("nothing is read from anywhere", e);
    }
  }
}
