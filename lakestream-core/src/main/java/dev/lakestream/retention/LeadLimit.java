// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.InvalidRequestException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How far producers may run ahead of the slowest live reader ({@code maxLead}). Pure.
 *
 * @param steps at most so many steps
 * @param bytes at most so many bytes
 * @param expiry heartbeats of this age and older are those of dead jobs, which hold nobody back
 */
public record LeadLimit(Optional<Long> steps, Optional<Long> bytes, Duration expiry) {
  public LeadLimit {
    if (steps.filter(limit -> limit < 1).isPresent()
        || bytes.filter(limit -> limit < 1).isPresent()) {
      throw new InvalidRequestException("maxLead must be at least 1; leave it out for no limit");
    }
  }

  /** No limit. */
  public static LeadLimit none() {
    return new LeadLimit(Optional.empty(), Optional.empty(), Heartbeat.EXPIRES_AFTER);
  }

  /** At most so many steps. */
  public static LeadLimit ofSteps(long steps) {
    return new LeadLimit(Optional.of(steps), Optional.empty(), Heartbeat.EXPIRES_AFTER);
  }

  /** At most so many bytes. */
  public static LeadLimit ofBytes(long bytes) {
    return new LeadLimit(Optional.empty(), Optional.of(bytes), Heartbeat.EXPIRES_AFTER);
  }

  /** Whether anything is limited. */
  public boolean limits() {
    return steps.isPresent() || bytes.isPresent();
  }

  /** The live reader that got least far; empty if nobody lives, and then nobody is held back. */
  public Optional<Heartbeat> slowest(List<Heartbeat> heartbeats) {
    return heartbeats.stream()
        .filter(heartbeat -> heartbeat.isLive(expiry))
        .min(Comparator.comparingLong(Heartbeat::nextStep).thenComparing(Heartbeat::job));
  }

  /** Whether a producer must wait. */
  public boolean isReached(Lead lead) {
    return steps.filter(limit -> lead.steps() >= limit).isPresent()
        || bytes.filter(limit -> lead.bytes() >= limit).isPresent();
  }
}
