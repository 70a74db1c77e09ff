// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.simulator.world.SimulatedProcess;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who does something in a world, in one life after another: when a process ends as the
 * documentation says that it may, the next one begins a while later.
 */
abstract class Actor {
  private final Stage stage;
  private final String name;
  private int lives;

  Actor(Stage stage, String name) {
    this.stage = stage;
    this.name = name;
  }

  final Stage stage() {
    return stage;
  }

  final String name() {
    return name;
  }

  final int lives() {
    return lives;
  }

  /** Lets the next life begin after some time. */
  void begin(long delayMicros) {
    lives++;
    stage.world().spawn(name + "#" + lives, delayMicros, this::live, this::ended);
  }

  /** One life. */
  abstract void live(SimulatedProcess process) throws IOException, InterruptedException;

  /** Whether there is a next life after one that failed. */
  boolean hasMoreToDo() {
    return true;
  }

  /** There is no next life. */
  void rest() {}

  void ended(SimulatedProcess process, @Nullable Throwable failure) {
    if (Stage.mayGoOn(process, failure) && hasMoreToDo()) {
      begin(stage.awhile());
    } else {
      rest();
    }
  }
}
