// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;

/** Somebody who does the same kind of thing a few times at odd moments, over all lives. */
abstract class TurnTaker extends Actor {
  private final int rhythm;
  private int left;

  /**
   * An actor that has not begun.
   *
   * @param turns at most so many
   * @param rhythm how many whiles pass between two turns
   */
  TurnTaker(Stage stage, String name, int turns, int rhythm) {
    super(stage, name);
    this.rhythm = rhythm;
    this.left = 1 + stage.random().nextInt(Math.max(1, turns));
  }

  /** How many turns are left after this one. */
  final int left() {
    return left;
  }

  @Override
  boolean hasMoreToDo() {
    return left > 0;
  }

  @Override
  final void live(SimulatedProcess process) throws IOException, InterruptedException {
    LakeStream stream = stage().open(process);
    while (left > 0) {
      left--;
      process.pause(Stage.duration(rhythm * stage().awhile()));
      stream.refresh();
      takeTurn(process, stream);
    }
    finish(stream);
  }

  /** What is to be done after the last turn, also if that was the end of a life. */
  void finish(LakeStream stream) throws IOException, InterruptedException {}

  /**
   * One turn.
   *
   * @param stream at its tail
   */
  abstract void takeTurn(SimulatedProcess process, LakeStream stream)
      throws IOException, InterruptedException;
}
