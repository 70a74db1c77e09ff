// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.StreamState;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** Up to where somebody wants to trim. */
public sealed interface TrimTarget {
  /**
   * The first step that is to stay; may be below the first readable one.
   *
   * @param now by the store's clock
   */
  long step(LakeStream stream, Instant now) throws IOException;

  /** The last so many steps stay. */
  record KeepSteps(long steps) implements TrimTarget {
    public KeepSteps {
      if (steps < 0) {
        throw new InvalidRequestException("there are no " + steps + " steps to keep");
      }
    }

    @Override
    public long step(LakeStream stream, Instant now) {
      return Math.max(0, stream.state().nextStep() - steps);
    }
  }

  /** The steps from this one on stay. */
  record ToStep(long step) implements TrimTarget {
    @Override
    public long step(LakeStream stream, Instant now) {
      if (step < 0 || step > stream.state().nextStep()) {
        throw new InvalidRequestException(
            "there is no trim to step " + step + " of " + stream.state().nextStep());
      }
      return step;
    }
  }

  /** What was committed within this time stays. */
  record OlderThan(Duration age) implements TrimTarget {
    @Override
    public long step(LakeStream stream, Instant now) throws IOException {
      long cutoff = now.minus(age).toEpochMilli();
      StreamState state = stream.state();
      long low = state.firstReadable();
      long high = state.nextStep();
      // Commit times never go back, so the groups are in their order.
      while (low < high) {
        CommittedGroup group = stream.groupOf((low + high) >>> 1);
        if (group.time() < cutoff) {
          low = Math.min(group.nextStep(), high);
        } else {
          high = Math.max(group.firstStep(), low);
        }
      }
      return low;
    }
  }
}
