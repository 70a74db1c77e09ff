// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ObjectKey;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamKeysTest {
  private static final UUID UUID_3F = UUID.fromString("3f8fad5b-d9cb-469f-a165-70867728950e");

  @Test
  void keysAreThoseOfTheFormat() {
    assertThat(StreamKeys.entry(12)).hasToString("log/00000000000000000012.json");
    assertThat(StreamKeys.snapshot(0)).hasToString("snapshots/00000000000000000000.json");
    assertThat(StreamKeys.horizon(Limits.MAX_INTEGER))
        .hasToString("horizon/00009007199254740991.json");
    assertThat(StreamKeys.segment(7, UUID_3F))
        .hasToString("segments/00000000000000000007/" + UUID_3F + ".json");
    assertThat(StreamKeys.bundle("tok-3", 2, UUID_3F))
        .hasToString("data/3f/tok-3/2/" + UUID_3F + ".arrow");
    assertThat(StreamKeys.commitSegment("tok-3", 2, UUID_3F))
        .hasToString("data/3f/tok-3/2/" + UUID_3F + ".json");
  }

  /** Some locales write other digits; the keys of a stream must not depend on where one sits. */
  @Test
  @ResourceLock(Resources.LOCALE)
  void keysAreTheSameEverywhere() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertThat(StreamKeys.entry(12)).hasToString("log/00000000000000000012.json");
      assertThat(StreamKeys.segment(12, UUID_3F).value()).contains("/00000000000000000012/");
      assertThat(
              new String(
                  SealedJson.seal(SealedJson.object().put("a", 1)),
                  java.nio.charset.StandardCharsets.UTF_8))
          .startsWith("{\"a\":1,\"crc32c\":\"");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void versionsAreReadFromNames() {
    assertThat(StreamKeys.version(StreamKeys.entry(42))).isEqualTo(OptionalLong.of(42));
    for (String foreign :
        new String[] {
          "log/42.json", "log/0000000000000000004x.json", "log/00000000000000000042.json.bak",
          "log/00009007199254740992.json", "log/99999999999999999999.json", "log/README"
        }) {
      assertThat(StreamKeys.version(ObjectKey.of(foreign))).as(foreign).isEmpty();
    }
  }

  @Test
  void ownership() {
    ObjectKey bundle = StreamKeys.bundle("tok-3", 2, UUID_3F);
    assertThat(StreamKeys.isOwned(bundle, "tok-3", 2, false)).isTrue();
    assertThat(StreamKeys.isOwned(bundle, "tok-3", 2, true)).isFalse();
    assertThat(StreamKeys.isOwned(bundle, "tok-3", 1, false)).isFalse();
    assertThat(StreamKeys.isOwned(bundle, "tok", 2, false)).isFalse();
    assertThat(StreamKeys.owner(bundle)).contains(new StreamKeys.Owner("tok-3", 2));
    ObjectKey parquet = StreamKeys.bundle("tok-3", 2, UUID_3F, "parquet");
    assertThat(parquet.value()).endsWith(UUID_3F + ".parquet");
    assertThat(StreamKeys.isOwned(parquet, "tok-3", 2, false)).isTrue();
    assertThat(StreamKeys.isOwned(parquet, "tok-3", 2, true)).isFalse();
    assertThat(StreamKeys.uploader(parquet)).isEqualTo(StreamKeys.owner(parquet)).isPresent();
    assertThat(StreamKeys.uuid(bundle)).contains(UUID_3F);
    assertThat(StreamKeys.owner(StreamKeys.commitSegment("tok-3", 2, UUID_3F))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data/00/tok-3/2/3f8fad5b-d9cb-469f-a165-70867728950e.arrow",
        "data/3f/tok-3/02/3f8fad5b-d9cb-469f-a165-70867728950e.arrow",
        "data/3f/tok-3/3/3f8fad5b-d9cb-469f-a165-70867728950e.arrow",
        "data/3f/tok-3/2/3F8FAD5B-D9CB-469F-A165-70867728950E.arrow",
        "data/3f/tok-3/2/3f8fad5b-d9cb-469f-a165-70867728950e.orc",
        "data/3f/tok-3/2/x/3f8fad5b-d9cb-469f-a165-70867728950e.arrow",
        "forks/a/data/3f/tok-3/2/3f8fad5b-d9cb-469f-a165-70867728950e.arrow"
      })
  void isNotOwned(String key) {
    assertThat(StreamKeys.isOwned(ObjectKey.of(key), "tok-3", 2, false)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "date/3f/tok-3/2/3f8fad5b-d9cb-469f-a165-70867728950e.arrow",
        "data/3F/tok-3/2/3f8fad5b-d9cb-469f-a165-70867728950e.arrow",
        "data/3f8/tok-3/2/3f8fad5b-d9cb-469f-a165-70867728950e.arrow",
        "data/3f/tok-3/02/3f8fad5b-d9cb-469f-a165-70867728950e.arrow",
        "data/3f/tok-3/two/3f8fad5b-d9cb-469f-a165-70867728950e.arrow",
        "data/3f/tok-3/12345678901234567/3f8fad5b-d9cb-469f-a165-70867728950e.arrow",
        "data/3f/tok-3/2/3f8fad5b-d9cb-469f-a165-70867728950E.arrow",
        "data/3f/tok-3/2/3f8fad5b-d9cb-469f-a165-70867728950e",
        "data/3f/tok-3/2/3f8fad5b-d9cb-469f-a165-70867728950earrow",
        "data/3f/tok-3/2/3f8fad5b-d9cb-469f-a165-70867728950e.arrows",
        "data/3f/tok-3/3f8fad5b-d9cb-469f-a165-70867728950e.arrow"
      })
  void foreignKeysAreNobodys(String foreign) {
    ObjectKey key = ObjectKey.of(foreign);
    assertThat(StreamKeys.owner(key)).isEmpty();
    assertThat(StreamKeys.uploader(key)).isEmpty();
    assertThat(StreamKeys.uuid(key)).isEmpty();
    assertThat(StreamKeys.isBundle(key)).isFalse();
  }

  @Test
  void names() {
    for (String good : new String[] {"a", "0", "tok-3", "A.b_c-d", "n".repeat(128)}) {
      assertThat(Names.check("producer", good)).isEqualTo(good);
    }
    for (String bad :
        new String[] {"", ".", "..", "-a", "_a", "a/b", "a b", "ä", "a\n", "n".repeat(129)}) {
      assertThatThrownBy(() -> Names.check("producer", bad))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("producer");
    }
  }

  @Test
  void digests() {
    Digest abc = Digest.of("abc".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(abc.hex())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(abc.bytes()).hasSize(32);
    assertThat(Digest.finish(Digest.sha256()).hex()).startsWith("e3b0c442");
    assertThat(Digest.ZERO.hex()).isEqualTo("0".repeat(64));
    assertThatThrownBy(() -> new Digest("x")).isInstanceOf(InvalidRequestException.class);
  }
}
