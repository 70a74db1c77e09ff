// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Packs documents whole, the longest first, each into the fullest sequence that has room for it: no
 * document that fits into a sequence is cut, for the price of some padding. Of a longer one, full
 * sequences are cut off, and the rest is packed as a document. Holds all documents until it is
 * finished. Of documents of one length those that came first are packed first, so the result
 * depends on their order and on nothing else.
 */
public final class BestFitPacker implements SequencePacker {
  private final int length;
  private final int padding;
  private final Consumer<PackedSequence> sink;
  private final List<Piece> pieces = new ArrayList<>();

  /** Some tokens of a document. */
  private static final class Piece {
    private final long id;
    private final int[] tokens;
    private final int from;
    private final int count;

    private Piece(long id, int[] tokens, int from, int count) {
      this.id = id;
      this.tokens = tokens;
      this.from = from;
      this.count = count;
    }
  }

  /**
   * @param length of a sequence, at least 1
   * @param padding the token that fills the end of a sequence
   */
  public BestFitPacker(int length, int padding, Consumer<PackedSequence> sink) {
    this.length = Packing.checkLength(length);
    this.padding = padding;
    this.sink = sink;
  }

  @Override
  public void add(long id, int[] tokens) {
    int[] kept = tokens.clone();
    for (int from = 0; from < kept.length; from += length) {
      pieces.add(new Piece(id, kept, from, Math.min(length, kept.length - from)));
    }
  }

  @Override
  public void finish() {
    pieces.sort(Comparator.comparingInt((Piece piece) -> piece.count).reversed());
    List<OpenSequence> all = new ArrayList<>();
    NavigableMap<Integer, Deque<OpenSequence>> byRoom = new TreeMap<>();
    for (Piece piece : pieces) {
      OpenSequence fullest = take(byRoom, piece.count);
      if (fullest.isEmpty()) {
        all.add(fullest);
      }
      fullest.add(piece.id, piece.tokens, piece.from, piece.count);
      if (fullest.room() > 0) {
        byRoom.computeIfAbsent(fullest.room(), room -> new ArrayDeque<>()).add(fullest);
      }
    }
    pieces.clear();
    all.forEach(sequence -> sink.accept(sequence.finish(padding)));
  }

  private OpenSequence take(NavigableMap<Integer, Deque<OpenSequence>> byRoom, int count) {
    Map.Entry<Integer, Deque<OpenSequence>> found = byRoom.ceilingEntry(count);
    if (found == null) {
      return new OpenSequence(length);
    }
    OpenSequence fullest = found.getValue().remove();
    if (found.getValue().isEmpty()) {
      byRoom.remove(found.getKey());
    }
    return fullest;
  }
}
