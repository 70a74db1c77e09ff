// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.error.ProducerAheadException;
import dev.lakestream.retention.LeadGate;
import dev.lakestream.retention.LeadLimit;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.world.Population;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** How a producer waits for readers: it asks before each bundle, and gives up after some times. */
final class Patience {
  private static final Duration EXPIRY = Duration.ofSeconds(4);
  private static final Duration DEADLINE = EXPIRY.plusSeconds(2);
  private static final int MOST_TIMES = 2;

  private final Stage stage;
  private final String producer;
  private final LakeStream stream;
  private final int maxLead;
  private final boolean inBytes;
  private LeadGate gate;
  private int heldBack;

  Patience(Stage stage, String producer, LakeStream stream, Population people) {
    this.stage = stage;
    this.producer = producer;
    this.stream = stream;
    this.maxLead = people.maxLead();
    this.inBytes = people.leadInBytes();
    this.gate = newGate();
  }

  private LeadGate newGate() {
    Optional<Long> most = maxLead > 0 ? Optional.of((long) maxLead) : Optional.empty();
    return new LeadGate(
        stream,
        new LeadLimit(most.filter(steps -> !inBytes), most.filter(bytes -> inBytes), EXPIRY));
  }

  /** Waits until there is room. */
  void await() throws IOException, InterruptedException {
    if (maxLead == 0 || heldBack == MOST_TIMES) {
      return;
    }
    if (stage.world().faults().profile().clockJump() > 0) {
      gate = newGate(); // what it remembers is as old as its clock says, which may jump
    }
    boolean mayGoOn = false;
    while (!mayGoOn && heldBack < MOST_TIMES) {
      long begun = stage.world().now();
      long tail = stream.state().nextStep();
      try {
        gate.awaitLead(DEADLINE);
        mayGoOn = true;
      } catch (ProducerAheadException e) {
        heldBack++;
      }
      stage
          .testimony()
          .asked(
              new Testimony.Gate(
                  producer,
                  begun,
                  stage.world().now(),
                  mayGoOn,
                  tail,
                  stream.state().firstReadable(),
                  maxLead,
                  inBytes,
                  micros(EXPIRY),
                  micros(DEADLINE)));
    }
  }

  private static long micros(Duration time) {
    return time.toNanos() / 1000;
  }
}
