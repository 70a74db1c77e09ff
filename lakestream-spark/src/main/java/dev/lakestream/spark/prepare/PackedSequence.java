// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import java.util.List;

/**
 * A sequence of documents, or of parts of them.
 *
 * @param tokens as many as every sequence has
 * @param documents where each document starts, then the length of the sequence: what a stream calls
 *     boundaries ({@code docs/format.md} §9.3)
 * @param ids of the documents, −1 for padding at the end
 * @param positions of the tokens in their documents, each of which begins with 0 again
 */
public record PackedSequence(
    List<Integer> tokens, List<Integer> documents, List<Long> ids, List<Integer> positions) {
  /** The id of what fills the end of a sequence. */
  public static final long PADDING = -1;

  public PackedSequence {
    tokens = List.copyOf(tokens);
    documents = List.copyOf(documents);
    ids = List.copyOf(ids);
    positions = List.copyOf(positions);
  }
}
