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

/** Trims and deletes at odd moments, and dies or sleeps in between. */
final class VacuumActor extends TurnTaker {
  /** In microseconds: so long before the hour it begins at most, to trim when others repeat. */
  private static final long LONGEST_TRIM = 2_000_000;

  VacuumActor(Stage stage, String name, int turns) {
    super(stage, name, turns, 5);
  }

  @Override
  void takeTurn(SimulatedProcess process, LakeStream stream)
      throws IOException, InterruptedException {
    if (stage().chance(0.5)) {
      process.pause(stage().untilBeforeTheHour(stage().random().nextLong(LONGEST_TRIM)));
      stream.refresh();
    }
    if (stage().chance(0.7)) {
      stream.writeSnapshot();
    }
    vacuum(stage(), stream);
  }

  /** One vacuum, which may trim. */
  static void vacuum(Stage stage, LakeStream stream) throws IOException, InterruptedException {
    long steps = stream.state().nextStep();
    Optional<TrimTarget> trim =
        stage.chance(0.6)
            ? Optional.of(new TrimTarget.KeepSteps(stage.random().nextLong(steps + 1)))
            : Optional.empty();
    VacuumOptions options =
        new VacuumOptions(
            trim,
            stage.chance(0.5) ? Duration.ofSeconds(1) : VacuumOptions.GRACE,
            stage.chance(0.5) ? Duration.ofSeconds(1) : VacuumOptions.LOST_AFTER,
            stage.chance(0.5) ? Duration.ofSeconds(1) : VacuumOptions.UPLOADS_AFTER,
            stage.chance(0.1));
    new Vacuum(stream, options).run();
  }
}
