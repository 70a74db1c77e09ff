// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.dac;

import dev.lakestream.commit.CommitPolicy;
import dev.lakestream.commit.CommitPolicy.Move;
import dev.lakestream.commit.CommitPolicy.Sighting;
import java.util.OptionalLong;
import java.util.Random;

/**
 * One producer: it finishes steps, whatever becomes of its commits, and looks and commits when its
 * policy says so. An attempt takes all steps that are finished when it begins.
 */
final class SimulatedProducer {
  /** Entries behind the newest snapshot, that whoever opens has to read. */
  private static final int UNFOLDED = 128;

  private static final double SKEW = 60e9;
  private static final double DRIFT = 100e-6;
  private static final double JITTER = 0.2;

  private final Simulation simulation;
  private final String name;
  private final CommitPolicy policy;
  private final SimulatedStore store;
  private final long stepInterval;
  private final Random random;
  private final double clockRate;
  private final long clockOffset;

  private boolean present = true;
  private boolean opened;
  private long openingSince;

  /** Version of the first entry that it does not know. */
  private int known;

  private final LongQueue finished = new LongQueue();
  private long nextStepAt;
  private long plan;
  private long committed;

  SimulatedProducer(
      Simulation simulation,
      String name,
      CommitPolicy policy,
      SimulatedStore store,
      long stepInterval,
      Random random) {
    this.simulation = simulation;
    this.name = name;
    this.policy = policy;
    this.store = store;
    this.stepInterval = stepInterval;
    this.random = random;
    this.clockRate = 1 + DRIFT * (2 * random.nextDouble() - 1);
    this.clockOffset = (long) (SKEW * (2 * random.nextDouble() - 1));
  }

  String name() {
    return name;
  }

  boolean isPresent() {
    return present;
  }

  /** Steps that it made visible. */
  long committed() {
    return committed;
  }

  /** Leaves without a word. A put that is under way is carried out all the same. */
  void leave() {
    present = false;
  }

  /** Reads what no snapshot stands for, then commits the entry that opens its session. */
  void open() {
    openingSince = simulation.now();
    known = Math.max(0, simulation.log().size() - random.nextInt(UNFOLDED));
    look();
  }

  /** Steps are finished also while nobody asks. */
  void finishSteps() {
    while (present && opened && nextStepAt <= simulation.now()) {
      finished.add(nextStepAt);
      simulation.statistics().stepFinished(nextStepAt);
      nextStepAt += (long) (stepInterval * (1 + JITTER * (2 * random.nextDouble() - 1)));
    }
  }

  private long ownTime(long time) {
    return clockOffset + (long) (time * clockRate);
  }

  private void ask() {
    if (!present) {
      return;
    }
    finishSteps();
    long now = ownTime(simulation.now());
    OptionalLong ready = readySince();
    Move move = policy.next(now, ready);
    if (move.at() < now) {
      throw new IllegalStateException(name + " was told to act in the past: " + move);
    }
    long wait = move.at() == Move.NEVER ? Long.MAX_VALUE / 4 : move.at() - now;
    long at = simulation.now() + (long) (wait / clockRate);
    if (ready.isEmpty() && nextStepAt < at) {
      planAt(nextStepAt, this::ask);
    } else {
      planAt(at, move.kind() == Move.Kind.LOOK ? this::look : this::commit);
    }
  }

  private OptionalLong readySince() {
    if (!opened) {
      return OptionalLong.of(ownTime(openingSince));
    }
    return finished.size() == 0 ? OptionalLong.empty() : OptionalLong.of(ownTime(finished.peek()));
  }

  private void planAt(long time, Runnable what) {
    long mine = ++plan;
    simulation.at(
        time,
        () -> {
          if (present && plan == mine) {
            what.run();
          }
        });
  }

  private void look() {
    fetch(simulation.now(), known);
  }

  private void fetch(long began, int from) {
    if (!present) {
      return;
    }
    int there = simulation.log().size();
    if (known < there) {
      // They are there already, so that nothing can come in between.
      long time = 0;
      for (int i = known; i < there; i++) {
        time += store.get(random);
      }
      simulation.statistics().gets(simulation.now(), there - known);
      known = there;
      simulation.at(simulation.now() + time, () -> fetch(began, from));
    } else {
      fetchWhatMayBeMissing(began, from);
    }
  }

  private void fetchWhatMayBeMissing(long began, int from) {
    long time = store.get(random);
    long answered = simulation.now() + time;
    simulation.statistics().gets(simulation.now(), 1);
    simulation.at(
        simulation.now() + time / 2,
        () -> {
          boolean found = simulation.log().size() > known;
          known += found ? 1 : 0;
          simulation.at(answered, () -> fetched(began, from, found));
        });
  }

  private void fetched(long began, int from, boolean found) {
    if (found) {
      fetch(began, from);
    } else if (present) {
      policy.looked(
          ownTime(began), ownTime(simulation.now()), simulation.log().subList(from, known));
      ask();
    }
  }

  private void commit() {
    finishSteps();
    long began = simulation.now();
    int version = known;
    int steps = finished.size();
    long time = store.put(random);
    long decided = began + (long) (time * store.decision(random));
    simulation.at(decided, () -> decide(began, began + time, version, steps));
  }

  private void decide(long began, long answered, int version, int steps) {
    boolean won = simulation.log().size() == version;
    simulation.statistics().attempt(simulation.now(), won);
    if (won) {
      simulation.log().add(new Sighting(version, name));
      for (int i = 0; i < steps; i++) {
        simulation.statistics().stepCommitted(simulation.now(), finished.remove());
      }
      committed += steps;
    }
    simulation.at(answered, () -> learn(began, won));
  }

  private void learn(long began, boolean won) {
    if (!present) {
      return;
    }
    long now = simulation.now();
    if (won) {
      policy.won(ownTime(began), ownTime(now));
      if (!opened) {
        opened = true;
        nextStepAt = now + (long) (random.nextDouble() * stepInterval);
      }
    } else {
      policy.lost(ownTime(began), ownTime(now));
    }
    look();
  }
}
