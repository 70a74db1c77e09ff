// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import dev.lakestream.retention.Pin;
import dev.lakestream.retention.Pins;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Keeps what a reader's checkpoint needs, and no more: the new pin first, then the old ones go. */
final class ReaderPins {
  private final Pins pins;
  private final String job;

  ReaderPins(LakeStream stream, int rank) {
    this.pins = new Pins(stream);
    this.job = "reader-" + rank;
  }

  /** The reader's checkpoint is before this step now. */
  void moveTo(long step) throws IOException, InterruptedException {
    List<Pin> old = pins.list().pins().stream().filter(pin -> pin.job().equals(job)).toList();
    pins.pin(job, "step-" + step, step, Optional.empty());
    for (Pin pin : old) {
      pins.release(pin);
    }
  }
}
