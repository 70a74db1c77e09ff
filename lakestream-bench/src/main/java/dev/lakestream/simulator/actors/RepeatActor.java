// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.actors;

import dev.lakestream.arrow.repeat.SlotRepeat;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.RepeatedSteps;
import dev.lakestream.repeat.RepeatOrder;
import dev.lakestream.repeat.RepeatRequest;
import dev.lakestream.repeat.StepRepeat;
import dev.lakestream.simulator.checker.Testimony;
import dev.lakestream.simulator.world.SimulatedProcess;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

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
    RepeatRequest request = RepeatRequest.of(from, to, order(), 31 * from + to);
    // Said before it is asked: a life that is told nothing may have got what it wanted.
    tell(request, Optional.empty());
    inDoubt = true;
    ProducerSession session = ProducerSession.open(stream, name());
    Optional<CommitReceipt> receipt;
    try (BufferAllocator allocator = new RootAllocator()) {
      RepeatedSteps steps =
          request.order() == RepeatOrder.SLOTS
              ? SlotRepeat.of(stream, request, request.key(), allocator)
              : StepRepeat.of(stream, request);
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

  private RepeatOrder order() {
    int drawn = stage().random().nextInt(5);
    return drawn == 0 ? RepeatOrder.AS_WRITTEN : drawn < 3 ? RepeatOrder.STEPS : RepeatOrder.SLOTS;
  }

  private void tell(RepeatRequest request, Optional<Long> version) {
    stage()
        .testimony()
        .repeated(
            new Testimony.Repeat(
                request.key(),
                request.from(),
                request.to(),
                request.order() == RepeatOrder.AS_WRITTEN
                    ? Optional.empty()
                    : Optional.of(request.seed()),
                request.order() == RepeatOrder.SLOTS,
                version));
  }
}
