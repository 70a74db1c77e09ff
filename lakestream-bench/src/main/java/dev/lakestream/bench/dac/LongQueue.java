// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.dac;

import java.util.Arrays;

/** A queue of longs: millions of them are cheap. */
final class LongQueue {
  private long[] values = new long[16];
  private int head;
  private int size;

  void add(long value) {
    if (size == values.length) {
      long[] larger = Arrays.copyOf(values, 2 * size);
      for (int i = 0; i < size; i++) {
        larger[i] = values[(head + i) % size];
      }
      values = larger;
      head = 0;
    }
    values[(head + size++) % values.length] = value;
  }

  int size() {
    return size;
  }

  long peek() {
    return values[head];
  }

  long remove() {
    long value = values[head];
    head = (head + 1) % values.length;
    size--;
    return value;
  }
}
