// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes into the log who is held back, for whom, and how far it is ahead: at once, then about
 * every minute, and when it goes on. Not thread-safe.
 */
public final class LeadLog implements LeadListener {
  private static final Logger LOG = LoggerFactory.getLogger(LeadLog.class);
  private static final Duration REMIND = Duration.ofMinutes(1);

  private final String who;
  private Duration next = Duration.ZERO;

  /**
   * For one producer.
   *
   * @param who is held back, in the words of the log
   */
  public LeadLog(String who) {
    this.who = who;
  }

  @Override
  public void isHeldBack(Lead lead, LeadLimit limit, Duration waited) {
    if (waited.compareTo(next) >= 0) {
      next = waited.plus(REMIND);
      LOG.warn(
          "{} is held back, for {} s now: {}; maxLead is {}. It goes on when the job does, or {} s"
              + " after the job's last heartbeat",
          who,
          waited.toSeconds(),
          lead,
          limit,
          limit.expiry().toSeconds());
    }
  }

  @Override
  public void goesOn(Duration waited) {
    next = Duration.ZERO;
    LOG.info("{} goes on after {} s", who, waited.toSeconds());
  }
}
