// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The refs of an index of steps, once more from {@code docs/format.md} §8.1 alone. */
final class PackedIndex {
  private static final int SHA256_BYTES = 32;

  private PackedIndex() {}

  /** A segment of the index and what it covers. */
  record Ref(int height, String key, long firstStep, long steps) {}

  /**
   * The refs of a root's index, or of a node.
   *
   * @param index an object with {@code first_step}
   * @param whole the root, or the node, with the refs that follow it
   */
  static List<Ref> refs(JsonNode index, byte[] whole) {
    ByteBuffer packed = ByteBuffer.wrap(whole);
    while (packed.get() != '\n') {
      // The JSON.
    }
    List<Ref> refs = new ArrayList<>();
    long next = index.get("first_step").asLong();
    while (packed.hasRemaining()) {
      int height = packed.get();
      long version = number(packed);
      UUID uuid = new UUID(packed.getLong(), packed.getLong());
      number(packed); // bytes
      packed.position(packed.position() + SHA256_BYTES);
      long steps = number(packed);
      number(packed); // rows
      number(packed); // tokens
      refs.add(
          new Ref(height, String.format("segments/%020d/%s.json", version, uuid), next, steps));
      next += steps;
    }
    return refs;
  }

  private static long number(ByteBuffer packed) {
    long number = 0;
    int shift = 0;
    byte next;
    do {
      next = packed.get();
      number |= (long) (next & 0x7f) << shift;
      shift += 7;
    } while (next < 0);
    return number;
  }
}
