// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.reader;

import dev.lakestream.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a reader divides a step ({@code docs/format.md} §9): which slots are its own, and which part
 * of each sequence. Immutable.
 *
 * @param documents whether sequences are cut whole or document by document
 */
public record Topology(
    int dpRank, int dpSize, int cpRank, int cpSize, Split split, Documents documents) {

  /** Which chunks of a sequence belong to a context-parallel rank. */
  public enum Split {
    /** Rank i of n gets chunk i of n. */
    CONTIGUOUS(1),
    /** Rank i of n gets chunks i and 2n−1−i of 2n: balanced under a causal mask. */
    ZIGZAG(2);

    private final int chunksPerRank;

    Split(int chunksPerRank) {
      this.chunksPerRank = chunksPerRank;
    }

    public int chunksPerRank() {
      return chunksPerRank;
    }
  }

  /** Whether context parallelism cuts sequences whole or document by document. */
  public sealed interface Documents {
    /** Document by document if the stream declares a column of document starts. */
    record AsDeclared() implements Documents {}

    /** Sequences are cut whole. */
    record Ignored() implements Documents {}

    /** Document by document, with the starts in this column. */
    record StartingAt(String column) implements Documents {}
  }

  public Topology {
    checkRank("dp", dpRank, dpSize);
    checkRank("cp", cpRank, cpSize);
  }

  /** One of {@code dpSize} ranks, each with whole sequences. */
  public static Topology of(int dpRank, int dpSize) {
    return new Topology(dpRank, dpSize, 0, 1, Split.CONTIGUOUS, new Documents.AsDeclared());
  }

  /** The only reader. */
  public static Topology whole() {
    return of(0, 1);
  }

  public Topology withContextParallel(int cpRank, int cpSize, Split split) {
    return new Topology(dpRank, dpSize, cpRank, cpSize, split, documents);
  }

  /**
   * Cuts the documents whose starts are in this column one by one, whatever the stream declares.
   */
  public Topology perDocument(String column) {
    return with(new Documents.StartingAt(column));
  }

  /** Cuts whole sequences, also where the stream declares documents. */
  public Topology wholeSequences() {
    return with(new Documents.Ignored());
  }

  private Topology with(Documents cut) {
    return new Topology(dpRank, dpSize, cpRank, cpSize, split, cut);
  }

  /**
   * The column whose documents are cut one by one; empty to cut whole sequences.
   *
   * @param declared what the stream's schema declares
   */
  public Optional<String> boundaries(Optional<String> declared) {
    if (documents instanceof Documents.StartingAt column) {
      return Optional.of(column.column());
    }
    return documents instanceof Documents.AsDeclared ? declared : Optional.empty();
  }

  /** The first slot of this rank in a step of so many slots. */
  public int firstSlot(int slots) {
    return dpRank * slotsPerRank(slots);
  }

  /**
   * How many slots this rank has in a step of so many.
   *
   * @throws InvalidRequestException if the dp size does not divide them
   */
  public int slotsPerRank(int slots) {
    if (slots % dpSize != 0) {
      throw new InvalidRequestException(
          "dp_size "
              + dpSize
              + " does not divide the "
              + slots
              + " slots of a step; possible sizes: "
              + divisors(slots));
    }
    return slots / dpSize;
  }

  /** Into how many chunks a sequence is cut. */
  public int chunks() {
    return cpSize * split.chunksPerRank();
  }

  /** The chunks of this rank, in the order in which it gets them. */
  public List<Integer> ownChunks() {
    return split == Split.CONTIGUOUS ? List.of(cpRank) : List.of(cpRank, 2 * cpSize - 1 - cpRank);
  }

  private static void checkRank(String kind, int rank, int size) {
    if (size < 1 || rank < 0 || rank >= size) {
      throw new InvalidRequestException(
          kind + "_rank " + rank + " of " + kind + "_size " + size + ": 0 ≤ rank < size is wanted");
    }
  }

  private static List<Integer> divisors(int slots) {
    List<Integer> divisors = new ArrayList<>();
    for (int size = 1; size <= slots; size++) {
      if (slots % size == 0) {
        divisors.add(size);
      }
    }
    return divisors;
  }
}
