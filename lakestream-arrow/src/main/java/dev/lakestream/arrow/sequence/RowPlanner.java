// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.sequence;

/**
 * Composes where the values of an original row are with which of them are wanted.
 *
 * <p>Where they are: the row was cut into C pieces, as a whole or document by document, and piece j
 * holds chunk j of each document, joined. So position p of the row, in a document that starts at s
 * and has chunks of q values, is in piece j = (p − s) / q at s / C + (p − s) − j·q: all documents
 * before it have left s / C values in each piece.
 *
 * <p>Which are wanted: some chunks of the row, or of each document of it. These ranges ascend, so
 * one pass over both lists of documents finds all copies.
 */
final class RowPlanner {
  private final int pieces;
  private final SequenceCut cut;
  private final int[] chunks;
  private int document;

  RowPlanner(int pieces, SequenceCut cut) {
    this.pieces = pieces;
    this.cut = cut;
    this.chunks = cut.chunks().stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Fills the plan of one row.
   *
   * @param stored the documents along which the pieces were cut
   * @param wanted the documents along which the result is cut
   */
  void plan(Bounds stored, Bounds wanted, CopyPlan plan) {
    plan.clear();
    document = 0;
    for (int number = 0; number < wanted.documents(); number++) {
      long size = wanted.length(number) / cut.parts();
      for (int chunk : chunks) {
        long start = wanted.start(number) + chunk * size;
        locate(start, start + size, stored, plan);
      }
    }
  }

  private void locate(long start, long stop, Bounds stored, CopyPlan plan) {
    if (pieces == 1) {
      plan.add(0, start, stop - start);
      return;
    }
    long position = start;
    while (position < stop) {
      while (stored.stop(document) <= position) {
        document++;
      }
      long origin = stored.start(document);
      long size = stored.length(document) / pieces;
      long piece = (position - origin) / size;
      long end = Math.min(stop, origin + (piece + 1) * size);
      plan.add((int) piece, origin / pieces + (position - origin) - piece * size, end - position);
      position = end;
    }
  }
}
