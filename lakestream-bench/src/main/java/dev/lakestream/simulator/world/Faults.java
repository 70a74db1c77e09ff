// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import java.util.SplittableRandom;

/** Draws what goes wrong. Once it is calm, nothing does. */
public final class Faults {
  private static final double MICROS_PER_MILLI = 1000;
  private static final double SECOND = 1e6;
  private static final double DAY = 86_400 * SECOND;
  private static final double LONGEST_SLEEP = 20 * DAY;
  private static final double LONGEST_DELAY = 20 * DAY;

  /** What becomes of a request that changes something. */
  public enum Fate {
    DONE,
    /** Done, and nobody says so. */
    LOST_RESPONSE,
    /** Not done, and nobody says so. */
    LOST_REQUEST,
    /** Done later; nobody says so. */
    DELAYED,
    /** Done twice, at once; the second answer arrives. */
    DOUBLED,
    /** Done, and once more later. */
    REPEATED_LATE,
    /** Not done, and the store says so. */
    REFUSED
  }

  private final Profile profile;
  private final SplittableRandom random;
  private boolean calm = true;

  public Faults(Profile profile, SplittableRandom random) {
    this.profile = profile;
    this.random = random;
  }

  public Profile profile() {
    return profile;
  }

  /** From now on things go wrong; before, nothing does. */
  public void beginStorm() {
    calm = false;
  }

  /** From now on nothing goes wrong. */
  public void calmDown() {
    calm = true;
  }

  public boolean isCalm() {
    return calm;
  }

  /** How long a request takes, in microseconds. */
  public long latency() {
    double factor = Math.exp(profile.latencySpread() * random.nextGaussian());
    return Math.max(100, (long) (profile.latencyMillis() * MICROS_PER_MILLI * factor));
  }

  /** After how long a client gives up to wait for an answer. */
  long timeout() {
    return (long) (SECOND * (1 + random.nextInt(30)));
  }

  /** By how much a delayed request is late. */
  long lateness() {
    return spread(SECOND / 10, LONGEST_DELAY);
  }

  Fate mutation() {
    if (calm) {
      return Fate.DONE;
    }
    double drawn = random.nextDouble();
    if ((drawn -= profile.lostResponse()) < 0) {
      return Fate.LOST_RESPONSE;
    } else if ((drawn -= profile.lostRequest()) < 0) {
      return Fate.LOST_REQUEST;
    } else if ((drawn -= profile.delayed()) < 0) {
      return Fate.DELAYED;
    } else if ((drawn -= profile.doubled()) < 0) {
      return random.nextBoolean() ? Fate.DOUBLED : Fate.REPEATED_LATE;
    } else if (drawn - profile.refused() < 0) {
      return Fate.REFUSED;
    }
    return Fate.DONE;
  }

  boolean readFails() {
    return happens(profile.readFault());
  }

  boolean crashes() {
    return happens(profile.crash());
  }

  /** How long the process stands still, beyond what it waits for; mostly zero. */
  long sleep() {
    return happens(profile.sleep()) ? spread(60 * SECOND, LONGEST_SLEEP) : 0;
  }

  boolean jumpsClock() {
    return happens(profile.clockJump());
  }

  /** By how much a clock is wrong, in microseconds. */
  long clockOffset() {
    return (long) ((2 * random.nextDouble() - 1) * profile.skewHours() * 3600 * SECOND);
  }

  private boolean happens(double rate) {
    return !calm && rate > 0 && random.nextDouble() < rate;
  }

  /** Any order of magnitude is as likely as any other. */
  private long spread(double least, double most) {
    return (long) (least * Math.exp(random.nextDouble() * Math.log(most / least)));
  }
}
