// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import java.util.SplittableRandom;

/**
 * What kind of world a seed makes: who lives in it, and how much goes wrong. Rates are chances at
 * each scheduling point or each request.
 *
 * @param population who lives in it
 * @param storm scheduling points after which nothing goes wrong any more, so that all come to an
 *     end
 * @param lostResponse the store acts, its answer is lost
 * @param lostRequest the request is lost
 * @param delayed the request arrives seconds to weeks later
 * @param doubled the request arrives twice
 * @param refused the store says no, for certain
 * @param readFault a get, head or list fails
 * @param crash a process ends where it stands
 * @param sleep a process stands still for minutes to weeks
 * @param zombie a second life begins although the first may go on
 * @param skewHours how wrong clocks are
 * @param clockJump a clock is set
 * @param latencyMillis the median
 * @param latencySpread sigma of the log-normal distribution
 */
public record Profile(
    Kind kind,
    Size size,
    Population population,
    int storm,
    double lostResponse,
    double lostRequest,
    double delayed,
    double doubled,
    double refused,
    double readFault,
    double crash,
    double sleep,
    double zombie,
    double skewHours,
    double clockJump,
    double latencyMillis,
    double latencySpread) {

  /** Kinds of worlds. */
  public enum Kind {
    /** Little goes wrong. */
    CALM,
    /** The network loses, delays and doubles requests. */
    STORMY,
    /** Processes stand still for days and go on. */
    SLEEPY,
    /** Processes crash and come back, also twice at a time. */
    CRASHY,
    /** Many producers race for the same versions. */
    CROWDED,
    /** A bit of everything. */
    MIXED
  }

  /** Draws a kind and a world of it. */
  public static Profile draw(SplittableRandom random) {
    return draw(Kind.values()[random.nextInt(Kind.values().length)], random);
  }

  /** Draws a world of this kind. */
  public static Profile draw(Kind kind, SplittableRandom random) {
    boolean crowded = kind == Kind.CROWDED;
    double net =
        switch (kind) {
          case CALM -> 0;
          case STORMY -> 0.12;
          case MIXED -> 0.05;
          default -> 0.015;
        };
    double scaled = net * (0.3 + 1.4 * random.nextDouble());
    boolean crashy = kind == Kind.CRASHY;
    boolean sleepy = kind == Kind.SLEEPY;
    boolean mixed = kind == Kind.MIXED;
    Size size = Size.draw(random);
    return new Profile(
        kind,
        size,
        Population.draw(size, crowded, random),
        size.storm(random),
        scaled,
        scaled / 2,
        scaled,
        scaled / 2,
        scaled / 4,
        scaled / 3,
        crashy ? 0.05 : mixed ? 0.02 : kind == Kind.CALM ? 0 : 0.003,
        sleepy ? 0.05 : mixed ? 0.02 : kind == Kind.CALM ? 0 : 0.002,
        crashy ? 0.5 : mixed ? 0.3 : 0.05,
        random.nextInt(3) == 0 ? 6 : 0.01,
        random.nextInt(3) == 0 ? 0.01 : 0,
        5 + random.nextInt(60),
        0.3 + random.nextDouble());
  }
}
