// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.dac;

import dev.lakestream.commit.CommitPolicy;
import dev.lakestream.commit.CommitPolicy.Sighting;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Producers that commit to one log in virtual time, one event after the other, from a seed.
 *
 * <p>A get sees what the store holds half-way through its duration; a conditional put is decided at
 * one moment within its own. A look at the log is one get for each entry that its producer has not
 * seen, one after the other, and one that finds nothing. After each attempt its producer looks,
 * which includes its own entry, as {@code LogAppender} does. Each producer has a clock of its own,
 * which is wrong by up to a minute and drifts by up to 100 ppm.
 */
final class Simulation {
  private final Policies policies;
  private final Statistics statistics = new Statistics();
  private final Random random;
  private final List<Sighting> log = new ArrayList<>();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<SimulatedProducer> producers = new ArrayList<>();
  private long now;
  private long planned;

  /** Makes the policy of a producer of this name. */
  interface Policies {
    CommitPolicy of(String producer, RandomGenerator random);
  }

  /** Something that happens; of two at the same time the one planned first. */
  private record Event(long at, long number, Runnable what) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
    }
  }

  Simulation(Policies policies, long seed) {
    this.policies = policies;
    this.random = new Random(seed);
  }

  /** Lets this many new producers open their sessions within their first step interval. */
  void join(int count, SimulatedStore store, long stepInterval) {
    for (int i = 0; i < count; i++) {
      Random own = new Random(random.nextLong());
      String name = "producer-" + producers.size();
      SimulatedProducer producer =
          new SimulatedProducer(this, name, policies.of(name, own), store, stepInterval, own);
      producers.add(producer);
      at(now + (long) (random.nextDouble() * stepInterval), producer::open);
    }
  }

  /** Those that are there, in the order of their last commits. */
  List<SimulatedProducer> present() {
    Set<String> order = new LinkedHashSet<>();
    for (int i = log.size() - 1; i >= 0 && order.size() < producers.size(); i--) {
      order.add(log.get(i).producer());
    }
    List<String> names = List.copyOf(order);
    return producers.stream()
        .filter(SimulatedProducer::isPresent)
        .sorted(
            (left, right) ->
                Integer.compare(names.indexOf(right.name()), names.indexOf(left.name())))
        .toList();
  }

  /** Lets time pass. */
  void pass(long time) {
    long end = now + time;
    while (!events.isEmpty() && events.element().at <= end) {
      Event event = events.remove();
      now = event.at;
      event.what.run();
    }
    now = end;
    producers.forEach(SimulatedProducer::finishSteps);
  }

  void at(long time, Runnable what) {
    events.add(new Event(Math.max(now, time), planned++, what));
  }

  long now() {
    return now;
  }

  List<Sighting> log() {
    return log;
  }

  Statistics statistics() {
    return statistics;
  }
}
