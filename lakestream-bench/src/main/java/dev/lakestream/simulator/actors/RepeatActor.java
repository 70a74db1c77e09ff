// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.repeat.RepeatOrder;
import dev.lakestream.repeat.RepeatRequest;
import dev.lakestream.repeat.StepRepeat;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;

/**
 * Somebody who wants steps once more, permuted perhaps. What they want is so much alike that the
 * same is asked for again, and by two at a time.
 */
final class RepeatActor extends TurnTaker {
  private static final int LONGEST = 5;

  private boolean inDoubt;

  RepeatActor(Stage stage, String name, int turns) {
    super(stage, name, turns + 1, 5);
    stage.workBegins();
  }

  @Override
  boolean hasMoreToDo() {
    return super.hasMoreToDo() || inDoubt;
  }

  /** Whatever a dead life sent and nobody answered for can't be committed any more. */
  @Override
  void finish(LakeStream stream) throws IOException, InterruptedException {
    if (inDoubt) {
      ProducerSession.open(stream, name());
      inDoubt = false;
    }
  }

  @Override
  void rest() {
    stage().workEnds();
  }

  @Override
  void takeTurn(SimulatedProcess process, LakeStream stream)
      throws IOException, InterruptedException {
    long from = stream.state().firstReadable();
    long next = stream.state().nextStep();
    if (from == next || stream.state().sealed()) {
      return;
    }
    if (stage().chance(0.2)) {
      from += stage().random().nextLong(next - from);
    }
    long to = from + 1 + stage().random().nextLong(Math.min(LONGEST, next - from));
    boolean shuffled = stage().chance(0.8);
    RepeatRequest request =
        RepeatRequest.of(
            from, to, shuffled ? RepeatOrder.STEPS : RepeatOrder.AS_WRITTEN, 31 * from + to);
    // Said before it is asked: a life that is told nothing may have got what it wanted.
    tell(request, Optional.empty());
    inDoubt = true;
    ProducerSession session = ProducerSession.open(stream, name());
    Optional<CommitReceipt> receipt;
    try {
      StepRepeat steps = StepRepeat.of(stream, request);
      process.pause(stage().untilBeforeTheHour(0));
      receipt = session.repeat(steps);
    } catch (InvalidRequestException e) {
      inDoubt = false;
      if (stream.state().sealed()) {
        return;
      }
      throw e;
    }
    inDoubt = false;
    receipt.ifPresent(made -> tell(request, Optional.of(made.version())));
  }

  private void tell(RepeatRequest request, Optional<Long> version) {
    stage()
        .testimony()
        .repeated(
            new Testimony.Repeat(
                request.key(),
                request.from(),
                request.to(),
                request.order() == RepeatOrder.STEPS
                    ? Optional.of(request.seed())
                    : Optional.empty(),
                version));
  }
}
