// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.sequence;

import java.util.Arrays;
import org.apache.arrow.memory.ArrowBuf;

/**
 * The starts of the documents of one row and the length of its sequence: {@code [0, d1, …, n]}, not
 * decreasing. A row that is not divided into documents is one. Reused from row to row.
 */
final class Bounds {
  private long[] positions = new long[16];
  private int documents;

  int documents() {
    return documents;
  }

  long start(int document) {
    return positions[document];
  }

  long stop(int document) {
    return positions[document + 1];
  }

  long length(int document) {
    return stop(document) - start(document);
  }

  void setWhole(long length) {
    positions[0] = 0;
    positions[1] = length;
    documents = 1;
  }

  /** Takes int32 values; false if they are no bounds of a sequence of this length. */
  boolean set(ArrowBuf values, long first, int count, long length) {
    if (count < 1) {
      return false;
    }
    if (count > positions.length) {
      positions = new long[Math.max(count, 2 * positions.length)];
    }
    long before = 0;
    for (int index = 0; index < count; index++) {
      long position = values.getInt((first + index) * Integer.BYTES);
      if (position < before) {
        return false;
      }
      positions[index] = position;
      before = position;
    }
    documents = count - 1;
    return positions[0] == 0 && before == length;
  }

  @Override
  public String toString() {
    return Arrays.toString(Arrays.copyOf(positions, documents + 1));
  }
}
