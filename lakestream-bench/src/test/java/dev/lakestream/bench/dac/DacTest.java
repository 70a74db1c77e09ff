// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.dac;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.bench.LinePlot;
import dev.lakestream.bench.dac.Scenario.Figures;
import dev.lakestream.bench.dac.Scenario.Phase;
import dev.lakestream.commit.AdaptiveCommitPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What DAC has to reach, in virtual time: the same on every machine. */
class DacTest {
  private static final long SECOND = 1_000_000_000;

  /** Steady, and ten intervals after half of the producers left, and as many joined. */
  @ParameterizedTest
  @CsvSource({"1,1", "2,1", "3,2", "8,1", "8,2", "64,1", "64,2", "256,1"})
  void reachesItsFigures(int producers, long seed) {
    List<Figures> all = new Scenario(AdaptiveCommitPolicy::new, producers, seed).run();
    assertThat(all).hasSize(producers == 1 ? 1 : 3);
    for (Figures figures : all) {
      assertThat(figures.ingestion()).describedAs("ingestion of %s", figures).isGreaterThan(0.97);
      assertThat(figures.success()).describedAs("success of %s", figures).isGreaterThan(0.9);
      assertThat(figures.fairness()).describedAs("fairness of %s", figures).isGreaterThan(0.95);
      assertThat(figures.age() / figures.interval())
          .describedAs("age of %s", figures)
          .isLessThan(4);
      assertThat(figures.areReached()).isTrue();
    }
  }

  /** A benchmark whose goals any policy reaches would measure nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"at once", "interval 1 s", "aimd"})
  void theOthersDoNot(String policy) {
    assertThat(new Scenario(DacBench.POLICIES.get(policy), 64, 1).run())
        .noneMatch(Figures::areReached);
  }

  @Test
  void isTheSameForTheSameSeed() {
    assertThat(new Scenario(AdaptiveCommitPolicy::new, 16, 7).run())
        .isEqualTo(new Scenario(AdaptiveCommitPolicy::new, 16, 7).run())
        .isNotEqualTo(new Scenario(AdaptiveCommitPolicy::new, 16, 8).run());
  }

  /**
   * Those who leave sit beside each other in the ring, as the tasks of one job would: the ring
   * stands still for as many holds, so it takes longer, up to twenty intervals.
   */
  @ParameterizedTest
  @CsvSource({"16,1", "16,2", "64,1", "128,1"})
  void aRowOfNeighboursMayLeave(int producers, long seed) {
    Simulation simulation = new Simulation(AdaptiveCommitPolicy::new, seed);
    long interval = interval(producers / 2);
    simulation.join(producers, SimulatedStore.S3, Scenario.STEP);
    simulation.pass(10 * interval(producers));
    simulation.present().subList(0, producers / 2).forEach(SimulatedProducer::leave);
    simulation.pass(20 * interval);
    Figures figures =
        Scenario.measure(Phase.HALF_LEFT, simulation, interval, 10 * interval + 10 * SECOND);
    assertThat(figures.areReached()).describedAs("%s", figures).isTrue();
  }

  /** Some finish a step every 100 ms and some every 10 s; some are twice as far from the store. */
  @Test
  void ratesAndLatenciesMayDiffer() {
    Simulation simulation = new Simulation(AdaptiveCommitPolicy::new, 1);
    SimulatedStore far = new SimulatedStore(60_000_000, 30_000_000, 0.45);
    simulation.join(10, SimulatedStore.S3, SECOND / 10);
    simulation.join(10, SimulatedStore.S3, 10 * SECOND);
    simulation.join(10, far, SECOND / 4);
    simulation.pass(30 * SECOND);
    Figures figures = Scenario.measure(Phase.STEADY, simulation, interval(30), 120 * SECOND);
    assertThat(figures.ingestion()).isGreaterThan(0.97);
    // Less than where all are alike: the far ones are overtaken now and then.
    assertThat(figures.success()).isGreaterThan(0.75);
    assertThat(figures.age()).isLessThan(8 * figures.interval());
  }

  private static long interval(int producers) {
    return Math.max(producers * SimulatedStore.S3.commitLatency(), Scenario.STEP);
  }

  @Test
  void plotsAreSvg(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("plots/some.svg");
    new LinePlot("title", "producers", "part")
        .between(0, 1)
        .line("one", List.of(1, 2, 4), List.of(0.5, 0.6, 0.9))
        .write(file);
    assertThat(Files.readString(file)).contains("<svg").contains("<path");
  }
}
