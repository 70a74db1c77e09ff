// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.simulator.Campaign;
import dev.lakestream.simulator.Simulation;
import dev.lakestream.simulator.checker.Violation;
import dev.lakestream.simulator.world.Profile;
import dev.lakestream.simulator.world.Trace;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lakestream simulate}. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description = {
      "Plays schedules: each seed is a world with producers, readers, folders, forks and an unreliable store,"
          + " in virtual time, that runs the real protocol and is judged against its invariants"
          + " (docs/protocol.md).",
      "Exits with 1 at the first seed that fails, and says how to play it again."
    })
final class SimulateCommand implements Callable<Integer> {
  @Mixin private Output output = new Output();

  @Option(
      names = "--schedules",
      defaultValue = "10000",
      description = "How many seeds are played, one after another. Default: 10000.")
  private long schedules;

  @Option(names = "--seed", defaultValue = "1", description = "The first seed. Default: 1.")
  private long seed;

  @Option(
      names = "--profile",
      description = "The kind of all worlds: ${COMPLETION-CANDIDATES}. Default: as each seed says.")
  private Optional<Profile.Kind> profile = Optional.empty();

  @Option(
      names = "--workers",
      description = "Threads, each with worlds of its own. Default: one for each core.")
  private Optional<Integer> workers = Optional.empty();

  @Option(names = "--trace", description = "Print every operation; only with --schedules 1.")
  private boolean trace;

  @Override
  public Integer call() throws InterruptedException {
    // The code under test says what it meets, and it meets everything.
    Configurator.setLevel("dev.lakestream", Level.OFF);
    if (schedules < 1 || (trace && schedules != 1)) {
      throw new InvalidRequestException("--schedules is at least 1, and just that with --trace");
    }
    long begin = System.nanoTime();
    Campaign.Summary summary = trace ? traced() : campaign();
    print(summary, Duration.ofNanos(System.nanoTime() - begin));
    return summary.failure().isPresent() ? 1 : 0;
  }

  private Campaign.Summary campaign() throws InterruptedException {
    int threads = workers.orElse(Runtime.getRuntime().availableProcessors());
    try (Progress progress = new Progress(output.err());
        ProgressBar bar = progress.bar("schedules", schedules)) {
      return new Campaign(seed, schedules, profile, threads).run(bar::stepTo);
    }
  }

  private Campaign.Summary traced() {
    try (Simulation simulation = new Simulation(profile)) {
      Simulation.Result result = simulation.run(seed, Trace.to(output.out()::println));
      return new Campaign.Summary(
          1,
          result.operations(),
          result.hash(),
          result.violation().isPresent() ? Optional.of(result) : Optional.empty());
    }
  }

  private void print(Campaign.Summary summary, Duration time) {
    ObjectNode json = SealedJson.object();
    json.put("schedules", summary.schedules())
        .put("operations", summary.operations())
        .put("seconds", time.toMillis() / 1000.0)
        .put("hash", String.format("%016x", summary.hash()))
        .put("ok", summary.failure().isEmpty());
    summary.failure().ifPresent(failure -> describe(failure, json.putObject("failure")));
    output.print(
        json,
        out -> {
          out.printf(
              "%d schedules, %d operations, %.1f s: %.0f schedules/s, %.0f operations/s%n",
              summary.schedules(),
              summary.operations(),
              time.toMillis() / 1000.0,
              summary.schedules() * 1000.0 / Math.max(1, time.toMillis()),
              summary.operations() * 1000.0 / Math.max(1, time.toMillis()));
          if (summary.failure().isEmpty()) {
            out.println("no invariant was violated");
          } else {
            Simulation.Result failure = summary.failure().get();
            Violation violation = failure.violation().orElseThrow();
            if (!trace) {
              failure.tail().forEach(out::println);
            }
            out.println(
                "VIOLATION of invariant " + violation.invariant() + ": " + violation.getMessage());
            out.println("seed " + failure.seed() + ", " + kind(failure) + "; play it again with");
            out.println("  " + command(failure));
          }
        });
  }

  private void describe(Simulation.Result failure, ObjectNode json) {
    Violation violation = failure.violation().orElseThrow();
    json.put("seed", failure.seed())
        .put("profile", kind(failure))
        .put("invariant", violation.invariant())
        .put("message", violation.getMessage())
        .put("command", command(failure));
    failure.tail().forEach(json.putArray("trace")::add);
  }

  private String command(Simulation.Result failure) {
    return "bin/lakestream simulate --schedules 1 --seed "
        + failure.seed()
        + profile.map(kind -> " --profile " + kind).orElse("")
        + " --trace";
  }

  private static String kind(Simulation.Result failure) {
    return failure.profile().kind().name().toLowerCase(Locale.ROOT);
  }
}
