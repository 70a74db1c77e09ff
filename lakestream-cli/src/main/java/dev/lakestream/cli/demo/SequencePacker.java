// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Packs documents into sequences of one length, greedily and in order, and keeps where each
 * document starts. A document that does not fit goes on in the next sequence, where it counts as a
 * document again. The end of the last sequence is filled with a document of padding.
 */
final class SequencePacker {
  private final int length;
  private final int padding;
  private final Consumer<Sample> sink;
  private final int[] tokens;
  private final List<Integer> starts = new ArrayList<>();
  private int filled;
  private String source = "";

  SequencePacker(int length, int padding, Consumer<Sample> sink) {
    this.length = length;
    this.padding = padding;
    this.sink = sink;
    this.tokens = new int[length];
  }

  void add(String documentSource, int[] document) {
    int from = 0;
    while (from < document.length) {
      if (filled == 0) {
        source = documentSource;
      }
      int count = Math.min(length - filled, document.length - from);
      starts.add(filled);
      System.arraycopy(document, from, tokens, filled, count);
      filled += count;
      from += count;
      if (filled == length) {
        emit();
      }
    }
  }

  /** Fills and emits the last sequence, if there is one. */
  void finish() {
    if (filled > 0) {
      starts.add(filled);
      Arrays.fill(tokens, filled, length, padding);
      filled = length;
      emit();
    }
  }

  private void emit() {
    Sample sample = new Sample();
    sample.setSource(source);
    sample.setTokens(tokens.clone());
    starts.add(length);
    sample.setDocuments(starts.stream().mapToInt(Integer::intValue).toArray());
    sink.accept(sample);
    starts.clear();
    filled = 0;
  }
}
