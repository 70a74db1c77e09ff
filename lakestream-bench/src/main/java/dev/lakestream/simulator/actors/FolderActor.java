// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;

/** Folds the log into snapshots at odd moments, and dies or sleeps half-way. */
final class FolderActor extends TurnTaker {

  FolderActor(Stage stage, String name, int turns) {
    super(stage, name, turns, 5);
  }

  @Override
  void takeTurn(SimulatedProcess process, LakeStream stream) throws IOException {
    stream.writeSnapshot();
  }
}
