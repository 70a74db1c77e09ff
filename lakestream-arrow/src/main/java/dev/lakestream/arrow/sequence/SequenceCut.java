// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.sequence;

import dev.lakestream.reader.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which values of each sequence somebody wants: some of its equal chunks. Immutable.
 *
 * @param parts into how many chunks a sequence is cut
 * @param chunks the wanted ones, ascending, as they follow each other in the result
 * @param boundaries the column whose documents are cut one by one; empty to cut whole sequences
 */
public record SequenceCut(int parts, List<Integer> chunks, Optional<String> boundaries) {
  private static final SequenceCut WHOLE = new SequenceCut(1, List.of(0), Optional.empty());

  public SequenceCut {
    chunks = List.copyOf(chunks);
  }

  /** Whole sequences. */
  public static SequenceCut whole() {
    return WHOLE;
  }

  /**
   * What a rank wants.
   *
   * @param declared the boundaries column of the stream's schema, if it has one
   */
  public static SequenceCut of(Topology topology, Optional<String> declared) {
    return topology.cpSize() == 1
        ? WHOLE
        : new SequenceCut(topology.chunks(), topology.ownChunks(), topology.boundaries(declared));
  }

  /** What one stored piece of several holds. */
  public static SequenceCut piece(int piece, int pieces, Optional<String> boundaries) {
    return pieces == 1 ? WHOLE : new SequenceCut(pieces, List.of(piece), boundaries);
  }

  public boolean isWhole() {
    return parts == 1;
  }

  /**
   * The stored pieces that hold the wanted values, ascending: those inside of the chunks if the
   * pieces were cut the same way and fit into chunks, otherwise all.
   *
   * @param stored the column along which the pieces were cut, if there is one
   */
  List<Integer> piecesNeeded(int pieces, Optional<String> stored) {
    if (isWhole() || !boundaries.equals(stored) || pieces % parts != 0) {
      return IntStream.range(0, pieces).boxed().toList();
    }
    int each = pieces / parts;
    List<Integer> needed = new ArrayList<>();
    for (int chunk : chunks) {
      for (int piece = chunk * each; piece < (chunk + 1) * each; piece++) {
        needed.add(piece);
      }
    }
    return needed;
  }
}
