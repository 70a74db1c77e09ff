// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.retention.TrimTarget;
import dev.lakestream.retention.Vacuum;
import dev.lakestream.retention.VacuumOptions;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Trims and deletes at odd moments, and dies or sleeps in between. */
final class VacuumActor {
  private final Stage stage;
  private final String name;
  private int lives;
  private int left;

  VacuumActor(Stage stage, String name) {
    this.stage = stage;
    this.name = name;
    this.left = 1 + stage.random().nextInt(3);
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

  private void live(SimulatedProcess process) throws IOException, InterruptedException {
    LakeStream stream = stage.open(process);
    while (left-- > 0) {
      process.pause(Stage.duration(5 * stage.awhile()));
      stream.refresh();
      if (stage.chance(0.7)) {
        stream.writeSnapshot();
      }
      new Vacuum(stream, options(stream.state().nextStep())).run();
    }
  }

  private VacuumOptions options(long steps) {
    Optional<TrimTarget> trim =
        stage.chance(0.6)
            ? Optional.of(new TrimTarget.KeepSteps(stage.random().nextLong(steps + 1)))
            : Optional.empty();
    return new VacuumOptions(
        trim,
        stage.chance(0.5) ? Duration.ofSeconds(1) : VacuumOptions.GRACE,
        stage.chance(0.5) ? Duration.ofSeconds(1) : VacuumOptions.LOST_AFTER,
        stage.chance(0.5) ? Duration.ofSeconds(1) : VacuumOptions.UPLOADS_AFTER,
        stage.chance(0.1));
  }
}
