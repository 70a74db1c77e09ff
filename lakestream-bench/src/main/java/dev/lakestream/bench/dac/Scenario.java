// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.dac;

import java.util.ArrayList;
import java.util.List;

/**
 * The life of a stream in the benchmark: P producers open at once, settle, and are measured; half
 * of them leaves without a word, and the rest is measured; as many new ones open at once, and all
 * are measured. Each time ten <em>intervals</em> pass before the measurement, where an interval is
 * the longer of P × commit latency and a step.
 */
final class Scenario {
  /** How often a producer finishes a step. */
  static final long STEP = 250_000_000;

  private static final int RECOVERY = 10;
  private static final int MEASURED = 10;
  private static final long SHORTEST = 10_000_000_000L;
  private static final long SHORTEST_STEADY = 60_000_000_000L;

  /** When something was measured. */
  enum Phase {
    STEADY,
    HALF_LEFT,
    HALF_JOINED
  }

  /**
   * What was measured.
   *
   * @param producers that were there
   * @param ingestion steps committed ÷ steps finished
   * @param success attempts that won ÷ attempts
   * @param fairness Jain's index over the steps that the producers committed: 1 if all are equal, 1
   *     ÷ P if one has everything
   * @param age seconds from finished to visible, 99th percentile
   * @param interval seconds: the longer of P × commit latency and a step
   */
  record Figures(
      Phase phase,
      int producers,
      double ingestion,
      double success,
      double fairness,
      double age,
      double interval,
      double commitsPerSecond,
      double getsPerCommit) {
    /** Whether these are what DAC has to reach. */
    boolean areReached() {
      return ingestion >= 0.97 && success >= 0.9 && fairness >= 0.95 && age <= 4 * interval;
    }
  }

  private final Simulation simulation;
  private final SimulatedStore store = SimulatedStore.S3;
  private final int producers;

  Scenario(Simulation.Policies policies, int producers, long seed) {
    this.simulation = new Simulation(policies, seed);
    this.producers = producers;
  }

  /** Its first part. */
  Figures steady() {
    simulation.join(producers, store, STEP);
    return measure(Phase.STEADY, producers, SHORTEST_STEADY);
  }

  /** Lives it. */
  List<Figures> run() {
    List<Figures> figures = new ArrayList<>();
    figures.add(steady());
    if (producers > 1) {
      int leaving = producers / 2;
      List<SimulatedProducer> present = simulation.present();
      for (int i = 0; i < leaving; i++) {
        present.get(2 * i).leave();
      }
      figures.add(measure(Phase.HALF_LEFT, producers - leaving, SHORTEST));
      simulation.join(leaving, store, STEP);
      figures.add(measure(Phase.HALF_JOINED, producers, SHORTEST));
    }
    return figures;
  }

  private Figures measure(Phase phase, int count, long shortest) {
    long interval = Math.max(count * store.commitLatency(), STEP);
    simulation.pass(RECOVERY * interval);
    return measure(phase, simulation, interval, Math.max(shortest, MEASURED * interval));
  }

  /** Measures from now on for this time. */
  static Figures measure(Phase phase, Simulation simulation, long interval, long time) {
    List<SimulatedProducer> present = simulation.present();
    long[] before = present.stream().mapToLong(SimulatedProducer::committed).toArray();
    Statistics statistics = simulation.statistics();
    statistics.count(simulation.now(), simulation.now() + time);
    simulation.pass(time);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < before.length; i++) {
      double steps = present.get(i).committed() - before[i];
      sum += steps;
      squares += steps * steps;
    }
    return new Figures(
        phase,
        present.size(),
        statistics.ingestion(),
        statistics.success(),
        sum * sum / (present.size() * squares),
        statistics.age(0.99),
        interval / 1e9,
        statistics.commitsPerSecond(),
        statistics.getsPerCommit());
  }
}
