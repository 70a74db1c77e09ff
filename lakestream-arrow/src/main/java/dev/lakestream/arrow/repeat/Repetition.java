// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.repeat;

import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.RepeatedSteps;
import dev.lakestream.repeat.RepeatOrder;
import dev.lakestream.repeat.RepeatRequest;
import dev.lakestream.repeat.StepRepeat;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;

/** Another epoch on request, in whatever order. */
public final class Repetition {
  private Repetition() {}

  /**
   * Carries out a request once, however often it is given and whatever crashes.
   *
   * @param stream as of a look
   * @param key the idempotence key; of requests with the same one the first counts
   * @param producer in whose name; a running producer of this name is fenced
   * @return empty if the key is in the log already
   * @throws dev.lakestream.error.LakestreamException if the steps can't be repeated; says why
   */
  public static Optional<CommitReceipt> commit(
      LakeStream stream,
      RepeatRequest request,
      String key,
      String producer,
      BufferAllocator allocator)
      throws IOException, InterruptedException {
    request.check(stream.state());
    if (stream.hasKey(key)) {
      return Optional.empty();
    }
    RepeatedSteps steps =
        request.order() == RepeatOrder.SLOTS
            ? SlotRepeat.of(stream, request, key, allocator)
            : StepRepeat.of(stream, request, key, StepRepeat.PART_STEPS);
    return ProducerSession.open(stream, producer).repeat(steps);
  }
}
