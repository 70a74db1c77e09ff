// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.testing.Seals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SealedJsonTest {
  private static final String OBJECT = "log/x.json";

  @Test
  void sealsAsTheFormatSays() {
    byte[] sealed = SealedJson.seal(SealedJson.object().put("lakestream", 1));
    assertThat(new String(sealed, UTF_8))
        .isEqualTo("{\"lakestream\":1,\"crc32c\":\"" + crcOf("{\"lakestream\":1") + "\"}\n");
    assertThat(SealedJson.open(OBJECT, sealed).integer("lakestream")).isEqualTo(1);
  }

  /** The check value of CRC-32C for "123456789", as every implementation must have it. */
  @Test
  void checksumIsCastagnoli() {
    assertThat(Seals.crc32c("123456789".getBytes(UTF_8))).isEqualTo("e3069283");
  }

  @Test
  void everyFlippedBitIsSeen() {
    byte[] sealed =
        SealedJson.seal(SealedJson.object().put("version", 12).put("id", "ä-π-\uD83D\uDE00"));
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] flipped = sealed.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      assertCorrupt(flipped);
    }
  }

  @Test
  void everyTruncationIsSeen() {
    byte[] sealed = SealedJson.seal(SealedJson.object().put("version", 12));
    for (int length = 0; length < sealed.length; length++) {
      assertCorrupt(Arrays.copyOf(sealed, length));
    }
    assertCorrupt(Arrays.copyOf(sealed, sealed.length + 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"a\":1,\"a\":2",
        "{\"a\":1,\"\\u0061\":2",
        "{\"a\":{\"b\":1,\"b\":1}",
        "{\"crc32c\":\"00000000\"",
        "{\"a\":1}{\"b\":2",
        "{\"a\":1} ,{\"b\":2",
        "[1",
        "\"a\"",
        "1",
        "\uFEFF{\"a\":1",
        "{\"a\":01",
        "{\"a\":+1",
        "{\"a\":NaN",
        "{\"a\":Infinity",
        "{a:1",
        "{'a':1",
        "{\"a\":1,",
        "{\"a\":1,,\"b\":2",
        "{\"a\":\"\t\"",
        "{\"a\":\"\\x\"",
        "{\"a\":tru",
        "{\"a\":1/*comment*/",
        "{\"a\":1}//"
      })
  void refusesWhatIsNoJson(String body) {
    assertCorrupt(Seals.seal(body));
  }

  @Test
  void refusesWhatIsNoUtf8() {
    byte[][] bad = {
      {(byte) 0xFF},
      {(byte) 0xC0, (byte) 0x80},
      {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
      {(byte) 0xC3}
    };
    for (byte[] bytes : bad) {
      byte[] start = "{\"a\":\"".getBytes(UTF_8);
      byte[] body = Arrays.copyOf(start, start.length + bytes.length + 1);
      System.arraycopy(bytes, 0, body, start.length, bytes.length);
      body[body.length - 1] = '"';
      assertCorrupt(Seals.seal(body));
    }
  }

  @Test
  void nestsAsDeepAsTheFormatAllows() {
    assertThat(SealedJson.open(OBJECT, Seals.seal(nested(Limits.NESTING))).has("a")).isTrue();
    assertCorrupt(Seals.seal(nested(Limits.NESTING + 1)));
    assertCorrupt(Seals.seal(nested(100_000)));
  }

  private static String nested(int depth) {
    return "{\"a\":" + "[".repeat(depth - 1) + "]".repeat(depth - 1);
  }

  @Test
  void unknownMembersAreIgnoredWhateverTheyHold() {
    String unknown =
        "{\"a\":1,\"x\":[null,-1,1.5e300,1e999,true,{\"y\":[]},\"\\ud800\","
            + "9".repeat(400)
            + "]";
    assertThat(SealedJson.open(OBJECT, Seals.seal(unknown)).integer("a")).isEqualTo(1);
  }

  static List<Arguments> malformed() {
    List<Arguments> cases = new ArrayList<>();
    Function<JsonObject, Object> integer = json -> json.integer("a");
    for (String value :
        List.of(
            "-1",
            "1.0",
            "1.5",
            "1e3",
            "1E0",
            "9007199254740992",
            "9223372036854775808",
            "99999999999999999999999999",
            "\"1\"",
            "null",
            "true",
            "[]",
            "{}",
            "[1]")) {
      cases.add(Arguments.of("integer", value, integer));
    }
    Function<JsonObject, Object> string = json -> json.string("a", 3);
    for (String value :
        List.of(
            "\"abcd\"", "1", "null", "[]", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"a\\udfff\"")) {
      cases.add(Arguments.of("string", value, string));
    }
    Function<JsonObject, Object> utf8 = json -> json.optionalUtf8("a", 4);
    for (String value : List.of("\"ääb\"", "\"abcde\"", "\"\uD83D\uDE00.\"", "null")) {
      cases.add(Arguments.of("utf8", value, utf8));
    }
    Function<JsonObject, Object> bool = json -> json.bool("a");
    for (String value : List.of("1", "0", "\"true\"", "null")) {
      cases.add(Arguments.of("bool", value, bool));
    }
    Function<JsonObject, Object> name = json -> json.name("a");
    for (String value :
        List.of(
            "\"\"",
            "\".a\"",
            "\"-a\"",
            "\"a/b\"",
            "\"a b\"",
            "\"ä\"",
            "\"" + "n".repeat(129) + "\"",
            "1")) {
      cases.add(Arguments.of("name", value, name));
    }
    Function<JsonObject, Object> key = json -> json.key("a");
    for (String value :
        List.of(
            "\"\"",
            "\"../x\"",
            "\"/x\"",
            "\"a/../b\"",
            "\"a//b\"",
            "\"a/\"",
            "\".tmp/x\"",
            "\"a\\\\b\"",
            "\"a\\u0000\"")) {
      cases.add(Arguments.of("key", value, key));
    }
    Function<JsonObject, Object> digest = json -> json.digest("a");
    for (String value :
        List.of(
            "\"\"",
            "\"" + "A".repeat(64) + "\"",
            "\"" + "0".repeat(63) + "\"",
            "\"" + "g".repeat(64) + "\"",
            "0")) {
      cases.add(Arguments.of("digest", value, digest));
    }
    Function<JsonObject, Object> uuid = json -> json.uuid("a");
    for (String value :
        List.of(
            "\"1-1-1-1-1\"",
            "\"0F8FAD5B-D9CB-469F-A165-70867728950E\"",
            "\"{0f8fad5b-d9cb-469f-a165-7086772895}\"",
            "\"0f8fad5bd9cb469fa16570867728950e\"")) {
      cases.add(Arguments.of("uuid", value, uuid));
    }
    Function<JsonObject, Object> strings = json -> json.strings("a", 2, 3);
    for (String value :
        List.of("[\"a\",\"b\",\"c\"]", "[1]", "[null]", "{}", "\"a\"", "[\"abcd\"]", "null")) {
      cases.add(Arguments.of("strings", value, strings));
    }
    Function<JsonObject, Object> tuples = json -> json.integerTuples("a", 2, 2);
    for (String value :
        List.of("[[1]]", "[[1,2,3]]", "[1,2]", "[[1,-2]]", "[[1,2],[1,2],[1,2]]", "[[1,\"2\"]]")) {
      cases.add(Arguments.of("tuples", value, tuples));
    }
    Function<JsonObject, Object> pairs = json -> json.pairs("a", 2, 3, (text, number) -> text);
    for (String value :
        List.of("[[\"a\"]]", "[[1,\"a\"]]", "[[\"abcd\",1]]", "[[\"a\",1,2]]", "[{}]")) {
      cases.add(Arguments.of("pairs", value, pairs));
    }
    Function<JsonObject, Object> map = json -> json.integerMap("a", 2, 3);
    for (String value :
        List.of(
            "[]",
            "{\"abcd\":1}",
            "{\"a\":-1}",
            "{\"a\":1,\"b\":1,\"c\":1}",
            "{\"\\ud800\":1}",
            "{\"a\":1.0}")) {
      cases.add(Arguments.of("map", value, map));
    }
    Function<JsonObject, Object> object = json -> json.object("a");
    for (String value : List.of("[]", "null", "1", "\"{}\"")) {
      cases.add(Arguments.of("object", value, object));
    }
    Function<JsonObject, Object> objects = json -> json.objects("a", 1, element -> element);
    for (String value : List.of("[1]", "[{},{}]", "{}", "[null]", "[[]]")) {
      cases.add(Arguments.of("objects", value, objects));
    }
    return cases;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("malformed")
  void refusesWhatTheFormatDoesNotAllow(
      String kind, String value, Function<JsonObject, Object> read) {
    JsonObject json = SealedJson.open(OBJECT, Seals.seal("{\"a\":" + value));
    assertThatThrownBy(() -> read.apply(json))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining(OBJECT)
        .hasMessageContaining("at a");
  }

  @Test
  void refusesAbsentMembers() {
    JsonObject json = SealedJson.open(OBJECT, Seals.seal("{\"b\":{\"c\":[{}]}"));
    List<Function<JsonObject, Object>> reads =
        List.of(
            object -> object.integer("a"),
            object -> object.string("a", 1),
            object -> object.bool("a"),
            object -> object.key("a"),
            object -> object.object("a"),
            object -> object.integers("a", 1));
    for (Function<JsonObject, Object> read : reads) {
      assertThatThrownBy(() -> read.apply(json))
          .isInstanceOf(CorruptObjectException.class)
          .hasMessageContaining("at a: it is absent");
    }
    assertThatThrownBy(() -> json.object("b").objects("c", 1, element -> element.integer("deep")))
        .hasMessageContaining("at b.c[0].deep");
  }

  @Test
  void countsCodePointsNotTheUnitsOfOneLanguage() {
    JsonObject json =
        SealedJson.open(OBJECT, Seals.seal("{\"a\":\"\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00\""));
    assertThat(json.string("a", 3)).hasSize(6);
    assertThatThrownBy(() -> json.string("a", 2)).isInstanceOf(CorruptObjectException.class);
  }

  @Test
  void takesTheExtremesOfEachKind() {
    String key = "s".repeat(255) + "/" + "s/".repeat(30) + "_=-.x";
    JsonObject json =
        SealedJson.open(
            OBJECT,
            Seals.seal(
                "{\"a\":9007199254740991,\"b\":0,\"c\":\""
                    + "n".repeat(128)
                    + "\",\"d\":\""
                    + key
                    + "\""));
    assertThat(json.integer("a")).isEqualTo(Limits.MAX_INTEGER);
    assertThat(json.integer("b")).isZero();
    assertThat(json.name("c")).hasSize(128);
    assertThat(json.key("d").value()).isEqualTo(key);
  }

  /** A writer that has such a string from its caller must say so, and write nothing. */
  @Test
  void doesNotWriteHalfASurrogatePair() {
    for (String text : List.of("\ud800", "a\udc00b", "\udc00\ud800")) {
      ObjectNode json = SealedJson.object().put("state", text);
      assertThatThrownBy(() -> SealedJson.seal(json)).isInstanceOf(InvalidRequestException.class);
    }
  }

  /** Names that collide in a table with multiplier 33 must not make reading slow, or fail. */
  @Test
  @Timeout(20)
  void collidingNamesDoNoHarm() {
    StringBuilder body = new StringBuilder("{\"a\":1");
    for (int i = 0; i < 1 << 14; i++) {
      body.append(",\"");
      for (int bit = 0; bit < 14; bit++) {
        body.append((i >> bit & 1) == 0 ? "aB" : "b!"); // 'a' * 33 + 'B' = 'b' * 33 + '!'
      }
      body.append("\":0");
    }
    assertThat(SealedJson.open(OBJECT, Seals.seal(body.toString())).integer("a")).isEqualTo(1);
  }

  private static void assertCorrupt(byte[] content) {
    assertThatThrownBy(() -> SealedJson.open(OBJECT, content))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining(OBJECT);
  }

  private static String crcOf(String text) {
    return Seals.crc32c(text.getBytes(UTF_8));
  }
}
