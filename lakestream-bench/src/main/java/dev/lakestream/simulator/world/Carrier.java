// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that simulated processes run on, one after another and in one world after another. It
 * moves only while it holds the world's baton.
 */
final class Carrier {
  private final Thread thread;
  private volatile boolean baton;
  private @Nullable World world;
  private @Nullable SimulatedProcess process;

  /** A thread that runs processes and nothing else; it has yet to be started. */
  Carrier(int number) {
    this.thread = new Thread(this::carryOn, "simulator-" + number);
    this.thread.setDaemon(true);
  }

  /** A thread that runs a world, and processes of it until they have to wait for others. */
  Carrier(Thread thread) {
    this.thread = thread;
  }

  void start() {
    thread.start();
  }

  /** To be called before the carrier gets the baton for the first time in a process's life. */
  void assign(World to, SimulatedProcess next) {
    world = to;
    process = next;
  }

  /** Ends the thread. */
  void dismiss() {
    world = null;
    process = null;
    handBaton();
  }

  /** Lets this carrier move; whoever calls it must not move any more. */
  void handBaton() {
    baton = true;
    LockSupport.unpark(thread);
  }

  /** Stands still until the baton comes. */
  void awaitBaton() {
    while (!baton) {
      LockSupport.park(this);
    }
    baton = false;
  }

  private void carryOn() {
    while (true) {
      awaitBaton();
      World current = world;
      SimulatedProcess running = process;
      if (current == null || running == null) {
        return;
      }
      current.runOn(this, running);
    }
  }
}
