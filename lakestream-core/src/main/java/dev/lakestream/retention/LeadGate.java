// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.ProducerAheadException;
import dev.lakestream.log.StreamState;
import dev.lakestream.producer.CommitGate;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where a producer waits while it is too far ahead of the slowest live reader. A session that was
 * opened with it asks by itself before each commit; {@link #awaitLead} is for those who would
 * rather wait before they make a bundle.
 *
 * <p>Heartbeats are looked at every few seconds at most while there is room: a job moves forward as
 * a rule, so what was seen of it errs on the side of waiting, and then they are looked at again.
 *
 * <p>The limit is soft. Producers don't know of each other, so each of them may use the room that
 * is left, and a commit is not divided.
 *
 * <p>Not thread-safe. Advances the stream to its tail where there is no room.
 */
public final class LeadGate implements CommitGate {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LEAST_PAUSE = Duration.ofMillis(100);

  private final LakeStream stream;
  private final Heartbeats heartbeats;
  private final LeadLimit limit;
  private final LeadListener listener;
  private final LeadBytes bytes;
  private List<Heartbeat> seen = List.of();
  private Optional<Instant> seenAt = Optional.empty();
  private Optional<Instant> heldSince = Optional.empty();
  private Duration pause = FIRST_PAUSE;

  /** As {@link #LeadGate(LakeStream, LeadLimit, LeadListener)}, which says it in the log. */
  public LeadGate(LakeStream stream, LeadLimit limit) {
    this(stream, limit, new LeadLog("a producer of " + stream.store().root()));
  }

  /** For one producer of the stream. */
  public LeadGate(LakeStream stream, LeadLimit limit, LeadListener listener) {
    this.stream = stream;
    this.heartbeats = new Heartbeats(stream);
    this.limit = limit;
    this.listener = listener;
    this.bytes = new LeadBytes(stream, limit.bytes().orElse(0L));
  }

  @Override
  public Room room() throws IOException {
    if (!limit.limits()) {
      return Room.UNLIMITED;
    }
    boolean held = heldSince.isPresent();
    Optional<Lead> lead = held ? lead() : lately();
    if (!held && lead.filter(limit::isReached).isPresent()) {
      lead = lead();
    }
    if (lead.filter(limit::isReached).isPresent()) {
      return hold(lead.get());
    }
    goOn();
    return lead.map(limit::room).orElse(Room.UNLIMITED);
  }

  /** Returns when there is room: when the slowest job goes on, or is dead. */
  public void awaitLead() throws IOException, InterruptedException {
    for (Room room = room(); room.isNone(); room = room()) {
      stream.environment().pause().forAbout(room.askAgain());
    }
  }

  /**
   * Returns when there is room.
   *
   * @throws ProducerAheadException if there is none by the deadline; names the slowest job
   */
  public void awaitLead(Duration deadline) throws IOException, InterruptedException {
    Duration waited = Duration.ZERO;
    Room room = room();
    while (room.isNone()) {
      if (waited.compareTo(deadline) >= 0) {
        throw new ProducerAheadException(
            "producing was held back for "
                + waited.toSeconds()
                + " s: "
                + current().map(Lead::toString).orElse("nobody reads")
                + ", and maxLead is "
                + limit
                + "; see why the job does not go on. If it is dead, its heartbeat expires "
                + limit.expiry().toSeconds()
                + " s after its last one");
      }
      Duration wait = earlier(room.askAgain(), deadline.minus(waited));
      stream.environment().pause().forAbout(wait);
      waited = waited.plus(wait);
      room = room();
    }
  }

  /** The lead over the slowest live reader, freshly looked at; empty if there is none. */
  public Optional<Lead> lead() throws IOException {
    look();
    stream.refresh();
    return current();
  }

  private Room hold(Lead lead) {
    Instant now = stream.environment().clock().instant();
    if (heldSince.isEmpty()) {
      heldSince = Optional.of(now);
      pause = FIRST_PAUSE;
    }
    listener.isHeldBack(lead, limit, waited(heldSince.get(), now));
    // Whoever is dead need not be waited for any longer than that.
    Duration expires =
        limit.slowest(seen).map(slowest -> limit.expiry().minus(slowest.age())).orElse(pause);
    Duration askAgain = earlier(pause, expires);
    pause = earlier(pause.multipliedBy(2), LOOK_AGAIN);
    return Room.none(askAgain.compareTo(LEAST_PAUSE) > 0 ? askAgain : LEAST_PAUSE);
  }

  private void goOn() {
    if (heldSince.isPresent()) {
      listener.goesOn(waited(heldSince.get(), stream.environment().clock().instant()));
      heldSince = Optional.empty();
    }
  }

  /** The lead by what was seen in the last few seconds. */
  private Optional<Lead> lately() throws IOException {
    Instant now = stream.environment().clock().instant();
    if (seenAt.isEmpty() || Duration.between(seenAt.get(), now).abs().compareTo(LOOK_AGAIN) >= 0) {
      look();
    }
    return current();
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

  /** A clock that was set back says nothing. */
  private static Duration waited(Instant since, Instant now) {
    return now.isAfter(since) ? Duration.between(since, now) : Duration.ZERO;
  }

  private static Duration earlier(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
