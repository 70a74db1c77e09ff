// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.retention.Pin;
import dev.lakestream.retention.Pins;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.checker.Violation;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;

/**
 * A training run that pins checkpoints, relies on them, reads what they keep, and releases them,
 * unless it dies before: then its pins stay.
 */
final class TrainerActor extends TurnTaker {
  private static final int LIMIT = 1 << 20;

  TrainerActor(Stage stage, String name, int turns) {
    super(stage, name, turns, 5);
  }

  @Override
  void takeTurn(SimulatedProcess process, LakeStream stream)
      throws IOException, InterruptedException {
    long first = stream.state().firstReadable();
    long from = first + stage().random().nextLong(stream.state().nextStep() - first + 1);
    Pins pins = new Pins(stream);
    Pin pin = pins.pin(name(), "checkpoint-" + left(), from, Optional.empty());
    Testimony.Pin relied = stage().testimony().pinned(pin.key().value(), from, stage().changes());
    process.pause(Stage.duration(10 * stage().awhile()));
    read(stream, from);
    if (stage().chance(0.8)) {
      relied.released(stage().changes());
      pins.release(pin);
    }
  }

  private static void read(LakeStream stream, long from) throws IOException {
    stream.refresh();
    if (stream.state().firstReadable() > from) {
      throw new Violation(
          8, "step " + from + " is pinned, and " + stream.state().firstReadable() + " is readable");
    }
    for (long step = from; step < Math.min(from + 2, stream.state().nextStep()); step++) {
      for (BundleDescriptor bundle : stream.groupOf(step).bundles()) {
        try {
          stream.store().get(bundle.key(), LIMIT);
        } catch (ObjectNotFoundException e) {
          throw new Violation(8, "step " + step + " is pinned, " + bundle.key() + " is gone", e);
        }
      }
    }
  }
}
