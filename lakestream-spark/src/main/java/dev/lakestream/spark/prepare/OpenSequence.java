// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import java.util.ArrayList;
import java.util.List;

/** A sequence that still has room. */
final class OpenSequence {
  private final int length;
  private final List<Integer> tokens = new ArrayList<>();
  private final List<Integer> documents = new ArrayList<>();
  private final List<Long> ids = new ArrayList<>();
  private final List<Integer> positions = new ArrayList<>();

  OpenSequence(int length) {
    this.length = length;
  }

  int room() {
    return length - tokens.size();
  }

  boolean isEmpty() {
    return tokens.isEmpty();
  }

  /** Adds some tokens of a document, for which there is room, as a document. */
  void add(long id, int[] document, int from, int count) {
    documents.add(tokens.size());
    ids.add(id);
    for (int i = 0; i < count; i++) {
      tokens.add(document[from + i]);
      positions.add(i);
    }
  }

  /** The sequence, its end filled with a document of padding. */
  PackedSequence finish(int padding) {
    if (room() > 0) {
      int[] filling = new int[room()];
      java.util.Arrays.fill(filling, padding);
      add(PackedSequence.PADDING, filling, 0, filling.length);
    }
    documents.add(length);
    return new PackedSequence(tokens, documents, ids, positions);
  }
}
