// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.sequence;

import java.util.Arrays;

/**
 * The copies that make one row of a result: values [offset, offset + length) of the row's part in a
 * piece, one after the other. Reused from row to row.
 */
final class CopyPlan {
  private int[] pieces = new int[8];
  private long[] offsets = new long[8];
  private long[] lengths = new long[8];
  private int size;

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  int piece(int copy) {
    return pieces[copy];
  }

  long offset(int copy) {
    return offsets[copy];
  }

  long length(int copy) {
    return lengths[copy];
  }

  /** Adds a copy, joined with the one before where they meet. */
  void add(int piece, long offset, long length) {
    if (length == 0) {
      return;
    }
    int last = size - 1;
    if (size > 0 && pieces[last] == piece && offsets[last] + lengths[last] == offset) {
      lengths[last] += length;
      return;
    }
    if (size == pieces.length) {
      pieces = Arrays.copyOf(pieces, 2 * size);
      offsets = Arrays.copyOf(offsets, 2 * size);
      lengths = Arrays.copyOf(lengths, 2 * size);
    }
    pieces[size] = piece;
    offsets[size] = offset;
    lengths[size] = length;
    size++;
  }
}
