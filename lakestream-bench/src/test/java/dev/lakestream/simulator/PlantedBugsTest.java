// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.simulator.world.Trace;
import dev.lakestream.testing.PlantedBug;
import dev.lakestream.testing.Sabotage;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A checker that can't catch bugs counts for nothing: each planted one is found, and soon. */
@Isolated("bugs are planted into the classes of the whole JVM")
class PlantedBugsTest {
  /** As many as CI plays when nothing is planted; most bugs take a few dozen. */
  private static final int SCHEDULES = 60_000;

  /** But for one that takes two threads on one stream: simulated processes have one each. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PAST_OF_OTHERS_IS_MADE")
  void isFound(PlantedBug bug) throws InterruptedException {
    int workers = Runtime.getRuntime().availableProcessors();
    try (PlantedBug.Planted planted = bug.plant()) {
      Campaign.Summary summary =
          new Campaign(1, SCHEDULES, Optional.empty(), workers).run(done -> {});
      assertThat(summary.failure()).as("%s is not found", bug).isPresent();
      Simulation.Result found = summary.failure().get();
      assertThat(found.violation().orElseThrow().getCause() instanceof Sabotage.Outdated)
          .as("the bug could not be planted as it is written down")
          .isFalse();
      System.out.printf(
          "%-36s seed %5d, invariant %d: %s%n",
          bug,
          found.seed(),
          found.violation().orElseThrow().invariant(),
          found.violation().orElseThrow().getMessage());
    }
  }

  /** Afterwards the code is what it was. */
  @Test
  void isTakenOutAgain() {
    try (Simulation simulation = new Simulation(Optional.empty())) {
      long seed = 1;
      try (PlantedBug.Planted planted = PlantedBug.ROOT_FIRST.plant()) {
        while (simulation.run(seed, Trace.quiet()).violation().isEmpty()) {
          seed++;
        }
      }
      assertThat(simulation.run(seed, Trace.quiet()).violation()).isEmpty();
    }
  }
}
