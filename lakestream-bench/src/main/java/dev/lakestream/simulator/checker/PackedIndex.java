// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** Refs of the index of steps, unpacked from docs/format.md §8.1 alone: not by what is judged. */
final class PackedIndex {
  private static final int SHA256_BYTES = 32;

  private PackedIndex() {}

  /** A segment; a node if it has a height. */
  record Ref(int height, String key) {}

  /** The refs of a root's index, or of a node. */
  static List<Ref> refs(JsonNode holder) {
    ByteBuffer packed = ByteBuffer.wrap(Base64.getDecoder().decode(holder.get("refs").asText()));
    List<Ref> refs = new ArrayList<>();
    while (packed.hasRemaining()) {
      int height = packed.get();
      long version = number(packed);
      UUID uuid = new UUID(packed.getLong(), packed.getLong());
      skipNumbers(packed, 1);
      packed.position(packed.position() + SHA256_BYTES);
      skipNumbers(packed, 3);
      refs.add(
          new Ref(height, String.format(Locale.ROOT, "segments/%020d/%s.json", version, uuid)));
    }
    return refs;
  }

  private static void skipNumbers(ByteBuffer packed, int count) {
    for (int i = 0; i < count; i++) {
      number(packed);
    }
  }

  private static long number(ByteBuffer packed) {
    long value = 0;
    int shift = 0;
    byte next;
    do {
      next = packed.get();
      value |= (long) (next & 0x7F) << shift;
      shift += 7;
    } while (next < 0);
    return value;
  }
}
