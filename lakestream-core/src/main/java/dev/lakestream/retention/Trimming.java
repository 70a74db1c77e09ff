// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.Action;
import dev.lakestream.log.StreamState;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Raises the first readable step, as far as pins allow: announce, list pins, trim.
 *
 * <p>Must (invariant 8): list pins only when the intent is in the log, and trim only under that
 * intent. A pin that the listing missed was put after it, so its pinner finds the intent, or what
 * became of it, when it reads the log. If it cancels, the trim is void.
 *
 * <p>Not thread-safe. Advances the stream to its tail.
 */
public final class Trimming {
  private final LakeStream stream;
  private final StreamControl control;
  private final Pins pins;

  public Trimming(LakeStream stream) {
    this.stream = stream;
    this.control = new StreamControl(stream);
    this.pins = new Pins(stream);
  }

  /** What a trim would do now. Changes nothing. */
  public TrimResult plan(long wanted) throws IOException {
    StreamState state = stream.refresh();
    if (wanted < 0 || wanted > state.nextStep()) {
      throw new InvalidRequestException(
          "there is no trim to step " + wanted + " of " + state.nextStep());
    }
    if (wanted <= state.firstReadable()) {
      return result(TrimResult.Outcome.NOTHING_TO_DO, wanted, state.firstReadable());
    }
    return allowed(wanted, pins.list(), stream.refresh().firstReadable());
  }

  /**
   * Trims to a step, or to the first one that a pin needs.
   *
   * @throws dev.lakestream.error.CommitOutcomeUnknownException if the store did not say; do it
   *     again
   */
  public TrimResult to(long wanted) throws IOException, InterruptedException {
    // Whatever is planned on the pins of now: an intent that leads nowhere would disturb pinners.
    TrimResult planned = plan(wanted);
    if (planned.outcome() != TrimResult.Outcome.TRIMMED) {
      return planned;
    }
    long intent;
    try {
      intent = control.commit(new Action.TrimIntent(planned.reached()));
    } catch (CommitRejectedException e) {
      return cancelled(wanted, Optional.empty()); // somebody else trimmed further
    }
    TrimResult allowed = allowed(planned.reached(), pins.list(), stream.state().firstReadable());
    if (allowed.outcome() != TrimResult.Outcome.TRIMMED) {
      cancel(intent);
      return allowed;
    }
    Optional<Pin> heldBy = allowed.heldBy().or(planned::heldBy);
    try {
      control.commit(new Action.Trim(allowed.reached(), intent));
    } catch (CommitRejectedException e) {
      return cancelled(wanted, heldBy);
    }
    return new TrimResult(TrimResult.Outcome.TRIMMED, wanted, allowed.reached(), heldBy, List.of());
  }

  /** How far one may trim. Pure. */
  static TrimResult allowed(long wanted, PinListing listing, long firstReadable) {
    if (!listing.broken().isEmpty()) {
      return new TrimResult(
          TrimResult.Outcome.BROKEN_PINS,
          wanted,
          firstReadable,
          Optional.empty(),
          listing.broken());
    }
    Optional<Pin> heldBy = listing.oldest(firstReadable).filter(pin -> pin.from() < wanted);
    long reached = Math.max(firstReadable, heldBy.map(Pin::from).orElse(wanted));
    TrimResult.Outcome outcome =
        reached > firstReadable
            ? TrimResult.Outcome.TRIMMED
            : heldBy.isPresent() ? TrimResult.Outcome.HELD : TrimResult.Outcome.NOTHING_TO_DO;
    return new TrimResult(outcome, wanted, reached, heldBy, List.of());
  }

  private void cancel(long intent) throws IOException, InterruptedException {
    try {
      control.commit(new Action.CancelIntent(intent));
    } catch (CommitRejectedException e) {
      // Somebody was faster.
    }
  }

  private TrimResult cancelled(long wanted, Optional<Pin> heldBy) {
    return new TrimResult(
        TrimResult.Outcome.CANCELLED, wanted, stream.state().firstReadable(), heldBy, List.of());
  }

  private static TrimResult result(TrimResult.Outcome outcome, long wanted, long reached) {
    return new TrimResult(outcome, wanted, reached, Optional.empty(), List.of());
  }
}
