// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Waits until a step is committed, and says whom one waits for if it does not come by the deadline:
 * an error that explains is to arrive before a collective operation would hang.
 */
final class StepWait {
  private static final int NAMED_PRODUCERS = 3;

  /** Of so many looks one makes sure that what comes next was not removed. */
  private static final int LOOKS_OF_A_SURE_ONE = 16;

  private final LakeStream stream;
  private final long step;
  private final Duration deadline;

  StepWait(LakeStream stream, long step, Duration deadline) {
    this.stream = stream;
    this.step = step;
    this.deadline = deadline;
  }

  /** False if the stream is sealed and the step will never be. */
  boolean run() throws IOException, InterruptedException {
    Environment environment = stream.environment();
    Instant begin = environment.clock().instant();
    Duration paused = Duration.ZERO;
    int glances = 0;
    StreamState state = stream.state();
    while (step >= state.nextStep()) {
      boolean sure = glances == 0;
      state = sure ? stream.refresh() : stream.glance();
      glances = sure ? LOOKS_OF_A_SURE_ONE - 1 : glances - 1;
      if (step < state.nextStep()) {
        return true;
      }
      if (state.sealed()) {
        return false;
      }
      // A clock may be set back while we wait: what we paused has passed in any case.
      Duration waited = longer(paused, Duration.between(begin, environment.clock().instant()));
      if (waited.compareTo(deadline) >= 0) {
        if (sure) {
          throw notCommitted(waited);
        }
        glances = 0;
        continue;
      }
      Duration pause = stream.pauseBeforeLook(waited);
      Duration left = deadline.minus(waited);
      Duration chosen = pause.compareTo(left) < 0 ? pause : left;
      environment.pause().forAbout(chosen);
      paused = paused.plus(chosen);
    }
    return true;
  }

  private static Duration longer(Duration left, Duration right) {
    return left.compareTo(right) > 0 ? left : right;
  }

  private StepUnavailableException notCommitted(Duration waited) {
    return new StepUnavailableException(
        "step "
            + step
            + " is not committed after "
            + waited.toSeconds()
            + " s: the tail is "
            + (stream.state().nextStep() - 1)
            + "; "
            + whoCommittedLast());
  }

  private String whoCommittedLast() {
    List<ProducerState> producers;
    try {
      producers = stream.recentProducers();
    } catch (UncheckedIOException | CorruptObjectException e) {
      // The step is late all the same, and that is what the caller has to know.
      return "who committed last could not be read: " + e.getMessage();
    }
    long now = stream.environment().clock().millis();
    String last =
        producers.stream()
            .filter(producer -> !producer.retired())
            .sorted(Comparator.comparingLong(ProducerState::time).reversed())
            .limit(NAMED_PRODUCERS)
            .map(
                producer ->
                    "producer "
                        + producer.id()
                        + " last committed "
                        + Math.max(0, now - producer.time()) / 1000
                        + " s ago")
            .collect(Collectors.joining(", "));
    return last.isEmpty() ? "no producer has ever opened a session" : last;
  }
}
