// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

/**
 * So many bytes and no more, but always those of one: what is larger than the budget passes when
 * nothing else is there. Thread-safe.
 */
final class ByteBudget {
  private final long most;
  private long taken;

  ByteBudget(long most) {
    this.most = most;
  }

  /** Waits until there is room. */
  synchronized void take(long bytes) throws InterruptedException {
    while (taken > 0 && taken + bytes > most) {
      wait();
    }
    taken += bytes;
  }

  synchronized void giveBack(long bytes) {
    taken -= bytes;
    notifyAll();
  }
}
