// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.producer.CommitGate.Room;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far producers may run ahead of the slowest live reader ({@code maxLead}). Pure.
 *
 * @param steps at most so many steps
 * @param bytes at most so many bytes
 * @param expiry heartbeats of this age and older are those of dead jobs, which hold nobody back
 */
public record LeadLimit(Optional<Long> steps, Optional<Long> bytes, Duration expiry) {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,15})\\s*(?:([kmgt])(?:i?b)?|(b))?");

  public LeadLimit {
    if (steps.filter(limit -> limit < 1).isPresent()
        || bytes.filter(limit -> limit < 1).isPresent()) {
      throw new InvalidRequestException(
          "option 'maxLead' must be at least 1; leave it out for no limit");
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

  /**
   * Reads what people write: steps as {@code 10000}, or bytes with a unit, as {@code 64g}, {@code
   * 512MB}, {@code 4096b}. K, m, g and t are powers of 1,024.
   *
   * @throws InvalidRequestException if it is none of these
   */
  public static LeadLimit parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw malformed(text);
    }
    long number = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2);
    if (unit == null) {
      return matcher.group(3) == null ? ofSteps(number) : ofBytes(number);
    }
    long scale = 1L << (10 * (1 + "kmgt".indexOf(unit)));
    if (number > Long.MAX_VALUE / scale) {
      throw malformed(text);
    }
    return ofBytes(number * scale);
  }

  private static InvalidRequestException malformed(String text) {
    return new InvalidRequestException(
        "option 'maxLead' is '"
            + text
            + "': a number of steps such as 10000 is wanted, or of bytes such as 64g");
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

  /** What is left of the limit. */
  Room room(Lead lead) {
    return new Room(
        steps.map(most -> most - lead.steps()).orElse(Long.MAX_VALUE),
        bytes.map(most -> most - lead.bytes()).orElse(Long.MAX_VALUE),
        Duration.ZERO);
  }

  @Override
  public String toString() {
    return steps.map(most -> most + " steps").orElse("")
        + (steps.isPresent() && bytes.isPresent() ? ", " : "")
        + bytes.map(most -> most + " bytes").orElse("")
        + (limits() ? "" : "no limit");
  }
}
