// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The threads of one worker, which runs one world after another. Only the holder of the baton, or
 * the worker between two worlds, touches it.
 */
public final class Carriers implements AutoCloseable {
  private final Deque<Carrier> idle = new ArrayDeque<>();
  private int made;

  Carrier take() {
    Carrier carrier = idle.pollLast();
    if (carrier == null) {
      carrier = new Carrier(made++);
      carrier.start();
    }
    return carrier;
  }

  void giveBack(Carrier carrier) {
    idle.addLast(carrier);
  }

  /** Ends all threads; no world may be running. */
  @Override
  public void close() {
    idle.forEach(Carrier::dismiss);
    idle.clear();
  }
}
