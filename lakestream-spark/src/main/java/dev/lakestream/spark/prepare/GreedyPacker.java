// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import java.util.function.Consumer;

/**
 * Packs documents in their order. One that does not fit goes on in the next sequence, where it
 * counts as a document again, so that only the last sequence has padding. Holds one sequence.
 */
public final class GreedyPacker implements SequencePacker {
  private final int length;
  private final int padding;
  private final Consumer<PackedSequence> sink;
  private OpenSequence open;

  /**
   * @param length of a sequence, at least 1
   * @param padding the token that fills the last one
   */
  public GreedyPacker(int length, int padding, Consumer<PackedSequence> sink) {
    this.length = Packing.checkLength(length);
    this.padding = padding;
    this.sink = sink;
    this.open = new OpenSequence(length);
  }

  @Override
  public void add(long id, int[] tokens) {
    int from = 0;
    while (from < tokens.length) {
      int count = Math.min(open.room(), tokens.length - from);
      open.add(id, tokens, from, count);
      from += count;
      if (open.room() == 0) {
        emit();
      }
    }
  }

  @Override
  public void finish() {
    if (!open.isEmpty()) {
      emit();
    }
  }

  private void emit() {
    sink.accept(open.finish(padding));
    open = new OpenSequence(length);
  }
}
