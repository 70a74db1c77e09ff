// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.CorruptObjectException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PackedJsonTest {
  private static final byte[] PACKED = {1, '\n', -1, '\n', 0};

  private static byte[] good(byte[] packed) {
    ObjectNode json = SealedJson.object().put("a", "two\nlines");
    PackedJson.describe(packed, "packed", json);
    return PackedJson.seal(json, packed);
  }

  private static byte[] packedIn(byte[] content) {
    PackedJson opened = PackedJson.open("x", content);
    return opened.packed(opened.json().object("packed"));
  }

  @Test
  void holdsWhatFollowsTheObject() {
    assertThat(packedIn(good(PACKED))).isEqualTo(PACKED);
    assertThat(packedIn(good(new byte[0]))).isEmpty();
    assertThat(PackedJson.open("x", good(PACKED)).json().string("a", 20)).isEqualTo("two\nlines");
    assertThat(new String(good(PACKED), UTF_8).lines().findFirst().orElseThrow())
        .startsWith("{\"a\":\"two\\nlines\",\"packed\":{\"bytes\":5,\"crc32c\":\"")
        .endsWith("\"}");
  }

  /** Wherever it is torn, and whatever bit is flipped. */
  @Test
  void damageIsAnErrorThatNamesTheObject() {
    byte[] good = good(PACKED);
    for (int length = 0; length < good.length; length++) {
      assertCorrupt(Arrays.copyOf(good, length));
    }
    assertCorrupt(Arrays.copyOf(good, good.length + 1));
    for (int bit = 0; bit < 8 * good.length; bit++) {
      byte[] flipped = good.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertCorrupt(flipped);
    }
  }

  private static void assertCorrupt(byte[] content) {
    assertThatThrownBy(() -> packedIn(content))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("x");
  }

  /** An object that says nothing of bytes that follow has none. */
  @Test
  void nothingFollowsOtherObjects() {
    byte[] plain = SealedJson.seal(SealedJson.object().put("a", 1));
    assertThatThrownBy(() -> SealedJson.open("x", Arrays.copyOf(plain, plain.length + 1)))
        .isInstanceOf(CorruptObjectException.class);
  }
}
