// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time, and who moves next.
 *
 * <p>Every process has a thread, and exactly one of all threads moves: the one that holds the
 * baton. At a scheduling point it says when it wants to go on, takes the next event, and hands the
 * baton over; if the next event is its own it just goes on. Events come by time, ties by the seed.
 * So a history is a function of the seed, whatever the threads of the machine do.
 *
 * <p>A world is used once, by one thread that {@linkplain #run runs} it.
 */
public final class World {
  /** Where every history begins. */
  public static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final SplittableRandom random;
  private final Faults faults;
  private final Trace trace;
  private final Carriers carriers;
  private final int limit;
  private final Supplier<RuntimeException> endless;
  private final Agenda agenda;
  private final Set<SimulatedProcess> alive = new LinkedHashSet<>();
  private final Carrier owner = new Carrier(Thread.currentThread());
  private boolean ending;
  private long now;
  private int points;
  private @Nullable RuntimeException violation;

  /**
   * A world in which nothing happens yet.
   *
   * @param limit scheduling points after which the world counts as going in circles
   * @param endless the violation then
   */
  public World(
      SplittableRandom random,
      Faults faults,
      Trace trace,
      Carriers carriers,
      int limit,
      Supplier<RuntimeException> endless) {
    this.random = random;
    this.agenda = new Agenda(random);
    this.faults = faults;
    this.trace = trace;
    this.carriers = carriers;
    this.limit = limit;
    this.endless = endless;
  }

  /** Draws whatever is left to chance in this world. */
  public SplittableRandom random() {
    return random;
  }

  public Faults faults() {
    return faults;
  }

  public Trace trace() {
    return trace;
  }

  /** The true time, microseconds since the beginning. */
  public long now() {
    return now;
  }

  /** The true time. */
  public Instant instant() {
    return BEGIN.plusNanos(now * 1000);
  }

  /** Scheduling points so far. */
  public int points() {
    return points;
  }

  /** Lets a process begin after some time. */
  public SimulatedProcess spawn(
      String name, long delayMicros, SimulatedProcess.Body body, SimulatedProcess.Mourner mourner) {
    SimulatedProcess process =
        new SimulatedProcess(this, name, faults.clockOffset(), body, mourner);
    if (!ending) {
      alive.add(process);
      agenda.add(after(delayMicros), process);
    }
    return process;
  }

  /** Lets something happen that no process does, such as the arrival of a late request. */
  public void later(long delayMicros, Runnable action) {
    if (!ending) {
      agenda.add(after(delayMicros), action);
    }
  }

  /** Writes a line of the trace. */
  public void note(String process, String what, String on, String result) {
    trace.add(now, process, what, on, result);
  }

  /**
   * The scheduling point: the process goes on after this time, or later, or never.
   *
   * @throws Crash if this is its end
   */
  public void await(SimulatedProcess process, long micros) {
    if (process.isDead()) {
      throw process.crash();
    }
    if (++points > limit) {
      throw violated(endless.get());
    }
    if (points == faults.profile().storm()) {
      note(process.name(), "CALM", "", "");
      faults.calmDown();
    }
    long sleep = faults.sleep();
    if (sleep > 0) {
      note(process.name(), "SLEEPS", "", "");
    }
    if (faults.jumpsClock()) {
      process.setClock(faults.clockOffset());
      note(process.name(), "CLOCK", "", process.instant().toString());
    }
    agenda.add(after(micros + sleep), process);
    SimulatedProcess next = next();
    if (next != process) {
      Carrier self = process.carrier();
      if (next == null || self == null) {
        throw new IllegalStateException("the event of " + process.name() + " was lost");
      }
      resume(next);
      self.awaitBaton();
    }
    if (!ending && faults.crashes()) {
      note(process.name(), "CRASHES", "", "");
      throw process.crash();
    }
    if (process.isDead()) {
      throw process.crash();
    }
  }

  /** Ends the world: an invariant does not hold. */
  public RuntimeException violated(RuntimeException what) {
    if (violation == null) {
      violation = what;
    }
    end();
    return what;
  }

  /**
   * Runs until nothing is left to happen. The calling thread is the first that processes run on, so
   * that one which is alone in the world needs no other.
   *
   * @throws RuntimeException what {@link #violated} was told
   */
  public void run() {
    SimulatedProcess first = next();
    if (first != null) {
      runOn(owner, first);
      owner.awaitBaton();
    }
    if (violation != null) {
      throw violation;
    }
  }

  /**
   * Called by a carrier that got the baton with a process that begins: runs it, and what begins
   * when it has ended, until somebody else moves next. When nobody does, the baton is the owner's.
   */
  void runOn(Carrier carrier, SimulatedProcess first) {
    SimulatedProcess process = first;
    while (true) {
      process.runsOn(carrier);
      live(process);
      SimulatedProcess next = next();
      if (next == null || next.carrier() != null) {
        if (carrier != owner) {
          carriers.giveBack(carrier);
        }
        if (next == null) {
          owner.handBaton();
        } else {
          resume(next);
        }
        return;
      }
      process = next;
    }
  }

  private void live(SimulatedProcess process) {
    Throwable failure = null;
    try {
      if (process.isDead()) {
        throw process.crash();
      }
      process.body().run(process);
    } catch (Throwable e) {
      failure = e;
    }
    process.runsOn(null);
    process.kill();
    alive.remove(process);
    if (!ending) {
      try {
        process.mourner().ended(process, failure);
      } catch (RuntimeException e) {
        violated(e);
      }
    }
  }

  /** Takes events until one is a process's; null if none is left. */
  private @Nullable SimulatedProcess next() {
    while (true) {
      Agenda.Event event = agenda.next();
      if (event == null) {
        return null;
      }
      now = Math.max(now, event.time());
      if (event.process() != null) {
        return event.process();
      }
      if (event.action() != null) {
        event.action().run();
      }
    }
  }

  private void resume(SimulatedProcess process) {
    Carrier carrier = process.carrier();
    if (carrier == null) {
      carrier = carriers.take();
      carrier.assign(this, process);
    }
    carrier.handBaton();
  }

  private long after(long delayMicros) {
    return now + Math.max(0, delayMicros);
  }

  /** All processes end at the point where they stand. */
  private void end() {
    if (ending) {
      return;
    }
    ending = true;
    agenda.clear();
    List<SimulatedProcess> left = new ArrayList<>(alive);
    for (SimulatedProcess process : left) {
      process.kill();
      if (process.carrier() != null) {
        agenda.add(now, process);
      }
    }
  }
}
