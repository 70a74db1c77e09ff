// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.ProducerAheadException;
import dev.lakestream.log.StreamState;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a producer waits while it is too far ahead of the slowest live reader. Ask before a bundle
 * is made, or before it is committed.
 *
 * <p>Heartbeats are looked at every few seconds at most while there is room: a job moves forward as
 * a rule, so what was seen of it errs on the side of waiting, and then they are looked at again.
 *
 * <p>Not thread-safe.
 */
public final class LeadGate {
  private static final Logger LOG = LoggerFactory.getLogger(LeadGate.class);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final LakeStream stream;
  private final Heartbeats heartbeats;
  private final LeadLimit limit;
  private final LeadBytes bytes;
  private List<Heartbeat> seen = List.of();
  private Optional<Instant> seenAt = Optional.empty();

  public LeadGate(LakeStream stream, LeadLimit limit) {
    this.stream = stream;
    this.heartbeats = new Heartbeats(stream);
    this.limit = limit;
    this.bytes = new LeadBytes(stream, limit.bytes().orElse(0L));
  }

  /**
   * Returns when there is room.
   *
   * @throws ProducerAheadException if there is none by the deadline; names the slowest job
   */
  public void awaitLead(Duration deadline) throws IOException, InterruptedException {
    if (!limit.limits() || excess(false).isEmpty()) {
      return;
    }
    Duration waited = Duration.ZERO;
    Optional<Lead> excess = excess(true);
    if (excess.isPresent()) {
      LOG.info("producing is held back: {}", excess.get());
    }
    while (excess.isPresent()) {
      if (waited.compareTo(deadline) >= 0) {
        throw new ProducerAheadException(
            "producing was held back for "
                + waited.toSeconds()
                + " s: "
                + excess.get()
                + ", and maxLead is "
                + limit.steps().map(steps -> steps + " steps").orElse("")
                + (limit.steps().isPresent() && limit.bytes().isPresent() ? ", " : "")
                + limit.bytes().map(most -> most + " bytes").orElse("")
                + "; see why the job does not go on. If it is dead, its heartbeat expires "
                + limit.expiry().toSeconds()
                + " s after its last one");
      }
      Duration left = deadline.minus(waited);
      Duration pause = PAUSE.compareTo(left) < 0 ? PAUSE : left;
      stream.environment().pause().forAbout(pause);
      waited = waited.plus(pause);
      excess = excess(true);
    }
  }

  /** The lead over the slowest live reader, freshly looked at; empty if there is none. */
  public Optional<Lead> lead() throws IOException {
    look();
    stream.refresh();
    return current();
  }

  /** The lead if it is too large. */
  private Optional<Lead> excess(boolean freshly) throws IOException {
    if (freshly) {
      return lead().filter(limit::isReached);
    }
    Instant now = stream.environment().clock().instant();
    if (seenAt.isEmpty() || Duration.between(seenAt.get(), now).abs().compareTo(LOOK_AGAIN) >= 0) {
      look();
    }
    return current().filter(limit::isReached);
  }

  private void look() throws IOException {
    // What is seen is as old as the moment before: listing may take any time.
    Instant before = stream.environment().clock().instant();
    seen = heartbeats.list();
    seenAt = Optional.of(before);
  }

  private Optional<Lead> current() throws IOException {
    Optional<Heartbeat> slowest = limit.slowest(seen);
    if (slowest.isEmpty()) {
      return Optional.empty();
    }
    StreamState state = stream.state();
    long next = Math.max(slowest.get().nextStep(), state.firstReadable());
    return Optional.of(
        new Lead(
            slowest.get().job(),
            slowest.get().nextStep(),
            Math.max(0, state.nextStep() - next),
            next < state.nextStep() && limit.bytes().isPresent() ? bytes.from(next) : 0));
  }
}
