// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.dac;

import dev.lakestream.bench.dac.Scenario.Figures;
import dev.lakestream.commit.CommitPolicy;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * So many producers at work in virtual time, none of which comes or goes.
 *
 * @param stepsPerSecond that became visible, of all producers
 * @param success attempts that won ÷ attempts
 * @param fairness Jain's index over the steps that the producers committed
 * @param ageSeconds from finished to visible, 99th percentile
 */
public record SteadyState(
    double stepsPerSecond, double success, double fairness, double ageSeconds) {
  private static final long SEED = 1;

  /** The policies by the names that tables show, ours first. */
  public static List<String> policies() {
    return List.copyOf(DacBench.POLICIES.keySet());
  }

  /** A policy by its name, for one producer. */
  public static CommitPolicy policy(String name, String producer, RandomGenerator random) {
    Simulation.Policies policies = DacBench.POLICIES.get(name);
    if (policies == null) {
      throw new IllegalArgumentException("there is no policy '" + name + "'");
    }
    return policies.of(producer, random);
  }

  /** What this many producers reach with a policy. */
  public static SteadyState of(String policy, int producers) {
    Figures figures =
        new Scenario((name, random) -> policy(policy, name, random), producers, SEED).steady();
    return new SteadyState(
        producers * figures.ingestion() / (Scenario.STEP / 1e9),
        figures.success(),
        figures.fairness(),
        figures.age());
  }

  /** How often each producer finishes a step, in nanoseconds. */
  public static long stepNanos() {
    return Scenario.STEP;
  }
}
