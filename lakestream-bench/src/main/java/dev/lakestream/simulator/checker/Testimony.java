// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the processes of a world say that they were told: which commits were made, what was read.
 * The checker compares it with what really happened.
 */
public final class Testimony {
  private final List<Attempt> attempts = new ArrayList<>();
  private final List<Opening> openings = new ArrayList<>();
  private final List<Observation> observations = new ArrayList<>();
  private final List<Look> looks = new ArrayList<>();
  private final List<Reading> readings = new ArrayList<>();
  private final List<Operation> operations = new ArrayList<>();
  private final List<Pin> pins = new ArrayList<>();
  private final List<ForkTestimony> forks = new ArrayList<>();
  private final List<Repeat> repeats = new ArrayList<>();
  private final List<Gate> gates = new ArrayList<>();

  /** What a committer was told. */
  public enum Outcome {
    /** Not told: it crashed before, or was told that nobody knows. */
    UNKNOWN,
    MADE,
    /** For certain not made. */
    NOT_MADE
  }

  /** A commit of a producer, known by a state that no other attempt commits. */
  public static final class Attempt {
    private final String producer;
    private final String state;
    private Outcome outcome = Outcome.UNKNOWN;
    private long version = -1;
    private long firstStep = -1;
    private long steps = -1;

    Attempt(String producer, String state) {
      this.producer = producer;
      this.state = state;
    }

    /** The commit was made. */
    public void made(long atVersion, long fromStep, long ofSteps) {
      outcome = Outcome.MADE;
      version = atVersion;
      firstStep = fromStep;
      steps = ofSteps;
    }

    /** The commit was certainly not made. */
    public void notMade() {
      outcome = Outcome.NOT_MADE;
    }

    String producer() {
      return producer;
    }

    /** What the entry is to say as the producer's state. */
    public String state() {
      return state;
    }

    Outcome outcome() {
      return outcome;
    }

    long version() {
      return version;
    }

    long firstStep() {
      return firstStep;
    }

    long steps() {
      return steps;
    }
  }

  /** What a session found when it opened. */
  public record Opening(String producer, long epoch, String state, List<String> attachmentKeys) {}

  /** A step as a reader got it. */
  public record Observation(
      String reader, long step, long version, String entry, String digest, List<String> tags) {}

  /**
   * What the directories of a step's slots said to somebody who read them.
   *
   * @param digest of the step, as follows from them
   */
  public record Look(String reader, long step, String digest, long rows, long tokens) {}

  /**
   * What one life of a reader delivered.
   *
   * @param from its first step
   * @param next the step after the last one that it looked at
   * @param skipped those that it passed over
   * @param finished whether it went to the end of the stream
   */
  public record Reading(
      String reader, long rules, long from, long next, List<Long> skipped, boolean finished) {}

  /**
   * What an operator committed.
   *
   * @param mark a text that appears in its entry and in no other one; empty if there is none
   * @param version of the entry, if it was made
   */
  public record Operation(String type, String mark, Outcome outcome, Optional<Long> version) {}

  /**
   * A request to repeat steps, under a key that says which and how.
   *
   * @param seed of the permutation; empty where the steps come as they are
   * @param slots whether slots are permuted instead of steps
   * @param version of the entry, if its committer was told that it was made
   */
  public record Repeat(
      String key, long from, long to, Optional<Long> seed, boolean slots, Optional<Long> version) {}

  /**
   * What a producer was told that asked how far it may run ahead.
   *
   * @param begun when it asked, in microseconds of the true time
   * @param ended when it was told
   * @param mayGoOn false if it was held back for {@code patience}
   * @param tail the stream's next step, as it knew already when it asked
   * @param readable the first readable step, as it knew when it was told
   * @param maxLead in steps
   * @param expiry after which a job counts as dead, in microseconds
   * @param patience for how long it waited at least, if it may not go on
   */
  public record Gate(
      String producer,
      long begun,
      long ended,
      boolean mayGoOn,
      long tail,
      long readable,
      long maxLead,
      boolean inBytes,
      long expiry,
      long patience) {}

  /** A pin that its owner relied on, in the order of changes of the archive. */
  public static final class Pin {
    private final String name;
    private final long from;
    private final int since;
    private int until = Integer.MAX_VALUE;

    Pin(String name, long from, int since) {
      this.name = name;
      this.from = from;
      this.since = since;
    }

    /** From this change on nobody relies on it any more. */
    public void released(int change) {
      until = Math.min(until, change);
    }

    String name() {
      return name;
    }

    long from() {
      return from;
    }

    int since() {
      return since;
    }

    int until() {
      return until;
    }
  }

  /**
   * A pin is relied on.
   *
   * @param from the oldest step that it keeps
   * @param change the number of the archive's next change
   */
  public Pin pinned(String name, long from, int change) {
    Pin pin = new Pin(name, from, change);
    pins.add(pin);
    return pin;
  }

  /**
   * A commit is about to be tried.
   *
   * @param position of the producer after it
   */
  public Attempt attempt(String producer, long position) {
    Attempt attempt = new Attempt(producer, position + "#" + attempts.size());
    attempts.add(attempt);
    return attempt;
  }

  /** The position that a state of a producer tells. */
  public static long position(String state) {
    return state.isEmpty() ? 0 : Long.parseLong(state.substring(0, state.indexOf('#')));
  }

  public void opened(Opening opening) {
    openings.add(opening);
  }

  public void observed(Observation observation) {
    observations.add(observation);
  }

  public void looked(Look look) {
    looks.add(look);
  }

  public void read(Reading reading) {
    readings.add(reading);
  }

  public void operated(Operation operation) {
    operations.add(operation);
  }

  public void repeated(Repeat repeat) {
    repeats.add(repeat);
  }

  public void asked(Gate gate) {
    gates.add(gate);
  }

  /**
   * A fork has been made.
   *
   * @param of the fork that it is a fork of; empty if it is one of the stream
   * @param change the number of the archive's next change
   */
  public ForkTestimony forked(Optional<ForkTestimony> of, String name, int change) {
    ForkTestimony fork = new ForkTestimony(of, name, change);
    forks.add(fork);
    return fork;
  }

  /** The forks that were made, also those that were deleted. */
  public List<ForkTestimony> forks() {
    return forks;
  }

  List<Repeat> repeats() {
    return repeats;
  }

  List<Gate> gates() {
    return gates;
  }

  List<Attempt> attempts() {
    return attempts;
  }

  List<Opening> openings() {
    return openings;
  }

  List<Observation> observations() {
    return observations;
  }

  List<Look> looks() {
    return looks;
  }

  List<Reading> readings() {
    return readings;
  }

  List<Pin> pins() {
    return pins;
  }

  List<Operation> operations() {
    return operations;
  }
}
