// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.repeat;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.format.Limits;
import dev.lakestream.log.RepeatRange;
import dev.lakestream.log.StreamState;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * What is to be repeated. Pure: the same request on the same stream gives the same steps.
 *
 * @param from the first step
 * @param to the step after the last
 * @param seed of the permutation
 * @param withoutSkipped leave out the steps that are skipped under this rules version; empty to
 *     repeat them, too
 */
public record RepeatRequest(
    long from, long to, RepeatOrder order, long seed, Optional<Long> withoutSkipped) {

  /** All steps of a range, permuted by a seed. */
  public static RepeatRequest of(long from, long to, RepeatOrder order, long seed) {
    return new RepeatRequest(from, to, order, seed, Optional.empty());
  }

  /**
   * The key under which this request is carried out once; those who want it twice choose others.
   */
  public String key() {
    return "repeat/"
        + from
        + "-"
        + to
        + "/"
        + order.label()
        + (order == RepeatOrder.AS_WRITTEN ? "" : "/" + seed)
        + withoutSkipped.map(rules -> "/without-skipped-" + rules).orElse("");
  }

  public RepeatRange range() {
    return new RepeatRange(from, to);
  }

  /**
   * Refuses what could not be committed.
   *
   * @throws StepUnavailableException if some of the steps were trimmed
   * @throws InvalidRequestException if they are not steps of this stream's own, or too many
   */
  public void check(StreamState state) {
    if (from < 0 || from >= to || to > state.nextStep()) {
      throw new InvalidRequestException(
          "the steps ["
              + from
              + ", "
              + to
              + ") can't be repeated: the stream has the steps 0 to "
              + (state.nextStep() - 1));
    }
    if (from < state.firstReadable()) {
      throw new StepUnavailableException(
          "step "
              + from
              + " can't be repeated, it was trimmed: the first readable step is "
              + state.firstReadable());
    }
    if (from < state.firstOwn()) {
      throw new InvalidRequestException(
          "step "
              + from
              + " can't be repeated in this fork, it is of the stream that this is a fork of: the"
              + " first own step is "
              + state.firstOwn());
    }
    if (to - from > Limits.COMMIT_STEPS) {
      throw new InvalidRequestException(
          to - from + " steps are too many for one repeat, it has at most " + Limits.COMMIT_STEPS);
    }
    if (withoutSkipped.filter(rules -> rules < 0 || rules > state.version()).isPresent()) {
      throw new InvalidRequestException(
          "rules version " + withoutSkipped.get() + " is beyond the tail " + state.version());
    }
    if (state.sealed()) {
      throw new InvalidRequestException("the stream is sealed: no step follows");
    }
  }

  /** The steps in their new order; with {@link RepeatOrder#SLOTS} in the old one. */
  public long[] steps(StreamState state) {
    long[] steps =
        LongStream.range(from, to)
            .filter(step -> withoutSkipped.isEmpty() || !state.skips(step, withoutSkipped.get()))
            .toArray();
    if (order == RepeatOrder.STEPS) {
      Shuffle.shuffle(steps, seed);
    }
    return steps;
  }
}
