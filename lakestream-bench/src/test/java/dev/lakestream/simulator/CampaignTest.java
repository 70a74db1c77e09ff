// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.bench.JavaProcess;
import dev.lakestream.simulator.world.Profile;
import dev.lakestream.simulator.world.Trace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Thousands of worlds in which everything goes wrong and no invariant is violated. More of them:
 * {@code -Dlakestream.simulator.schedules=1000000 -Dlakestream.simulator.seed=…}.
 */
class CampaignTest {
  private static final long SCHEDULES = Long.getLong("lakestream.simulator.schedules", 60_000);
  private static final long SEED = Long.getLong("lakestream.simulator.seed", 1);

  @Test
  void noInvariantIsViolated() throws InterruptedException {
    long begin = System.nanoTime();
    Campaign.Summary summary =
        new Campaign(SEED, SCHEDULES, Optional.empty(), Runtime.getRuntime().availableProcessors())
            .run(done -> {});
    assertThat(summary.failure().map(CampaignTest::describe)).isEmpty();
    assertThat(summary.schedules()).isEqualTo(SCHEDULES);
    System.out.printf(
        "%d schedules, %d operations in %.1f s%n",
        summary.schedules(), summary.operations(), (System.nanoTime() - begin) / 1e9);
  }

  private static String describe(Simulation.Result failure) {
    return String.join("\n", failure.tail())
        + "\nseed "
        + failure.seed()
        + ": "
        + failure.violation().orElseThrow();
  }

  /** Worlds of each kind are different, and none is empty. */
  @ParameterizedTest
  @EnumSource
  void worldsOfEachKindAreAlive(Profile.Kind kind) {
    try (Simulation simulation = new Simulation(Optional.of(kind))) {
      for (long seed = 1; seed <= 20; seed++) {
        Simulation.Result result = simulation.run(seed, Trace.quiet());
        assertThat(result.violation()).isEmpty();
        assertThat(result.profile().kind()).isEqualTo(kind);
        assertThat(result.operations()).isGreaterThan(20);
      }
    }
  }

  /** A seed is a history, operation by operation: here, again, and in other JVMs. */
  @Test
  void theSameSeedIsTheSameHistoryInEveryJvm() throws Exception {
    String here = HashOfSchedules.of(SEED, 150, 1);
    assertThat(HashOfSchedules.of(SEED, 150, 2)).isEqualTo(here);
    assertThat(HashOfSchedules.of(SEED + 1, 150, 2)).isNotEqualTo(here);
    for (int jvm = 0; jvm < 2; jvm++) {
      assertThat(elsewhere(SEED, 150)).isEqualTo(here);
    }
  }

  private static String elsewhere(long seed, long schedules)
      throws IOException, InterruptedException {
    Process process =
        JavaProcess.of(
                List.of(),
                HashOfSchedules.class.getName(),
                List.of(Long.toString(seed), Long.toString(schedules)))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return printed.lines().reduce((first, last) -> last).orElse("");
  }
}
