// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Folds the log into snapshots at odd moments, and dies or sleeps half-way. */
final class FolderActor {
  private final Stage stage;
  private final String name;
  private int lives;
  private int left;

  FolderActor(Stage stage, String name) {
    this.stage = stage;
    this.name = name;
    this.left = 1 + stage.random().nextInt(4);
  }

  void start() {
    begin(20 * stage.awhile());
  }

  private void begin(long delay) {
    lives++;
    stage.world().spawn(name + "#" + lives, delay, this::live, this::ended);
  }

  private void ended(SimulatedProcess process, @Nullable Throwable failure) {
    if (Stage.mayGoOn(process, failure) && left > 0) {
      begin(stage.awhile());
    }
  }

  private void live(SimulatedProcess process) throws IOException {
    LakeStream stream = stage.open(process);
    while (left-- > 0) {
      process.pause(Stage.duration(5 * stage.awhile()));
      stream.refresh();
      stream.writeSnapshot();
    }
  }
}
