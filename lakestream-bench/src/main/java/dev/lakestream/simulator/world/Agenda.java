// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What is still to happen in a world: by time, ties by the seed. */
final class Agenda {
  private final SplittableRandom random;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long lastEvent;

  /** Something that happens at a moment: a process goes on, or an action of the world itself. */
  record Event(
      long time,
      long tie,
      long number,
      @Nullable SimulatedProcess process,
      @Nullable Runnable action)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(time, other.time);
      if (byTime != 0) {
        return byTime;
      }
      int byTie = Long.compare(tie, other.tie);
      return byTie != 0 ? byTie : Long.compare(number, other.number);
    }
  }

  Agenda(SplittableRandom random) {
    this.random = random;
  }

  /** A process goes on at this moment. */
  void add(long time, SimulatedProcess process) {
    events.add(new Event(time, random.nextLong(), lastEvent++, process, null));
  }

  /** The world does something at this moment. */
  void add(long time, Runnable action) {
    events.add(new Event(time, random.nextLong(), lastEvent++, null, action));
  }

  /** Takes what happens next; null if nothing does. */
  @Nullable Event next() {
    return events.poll();
  }

  /** Nothing of it happens. */
  void clear() {
    events.clear();
  }
}
