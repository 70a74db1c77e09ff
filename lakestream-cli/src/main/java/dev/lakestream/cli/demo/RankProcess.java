// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import dev.lakestream.cli.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Starts ranks as processes of their own, and kills them as a machine would be lost: without a
 * word.
 */
final class RankProcess {
  private final Rank rank;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path errors;
  private Process process;
  private int kills;

  private RankProcess(Rank rank, List<String> command, Map<String, String> environment, Path errors)
      throws IOException {
    this.rank = rank;
    this.command = command;
    this.environment = environment;
    this.errors = errors;
    this.process = launch();
  }

  /** Starts a rank. */
  static RankProcess start(Rank rank, DemoSettings settings) throws IOException {
    List<String> command = new ArrayList<>();
    if (rank.language() == Rank.Language.JAVA) {
      command.addAll(JavaProcess.command(DemoRankCommand.NAME));
      command.addAll(settings.store().arguments());
    } else {
      command.addAll(python(settings.home()));
    }
    command.addAll(rank.arguments(settings.uri(), settings.folder(), settings.stepMillis()));
    return new RankProcess(
        rank,
        command,
        settings.store().environment(),
        settings.folder().resolve(rank.phase() + "-errors.txt"));
  }

  Rank rank() {
    return rank;
  }

  int kills() {
    return kills;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL: no handler runs, no file is closed. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
    kills++;
  }

  /** Starts it again: it goes on from the cursor in its log. */
  void restart() throws IOException {
    process = launch();
  }

  /** Waits for its end; anything but success is an error that quotes what it said. */
  void await(long seconds) throws IOException, InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      kill();
      throw new IOException("rank " + rank.name() + " did not finish in " + seconds + " s");
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          "rank "
              + rank.name()
              + " failed with exit code "
              + process.exitValue()
              + ": "
              + Files.readString(errors).strip());
    }
  }

  /** Ends it if it is still there; for when the demo itself fails. */
  void stop() {
    process.destroyForcibly();
  }

  private Process launch() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static List<String> python(Path home) {
    return List.of(
        home.resolve("lakestream-python/target/venv/bin/python").toString(),
        home.resolve("lakestream-cli/src/main/python/demo_rank.py").toString());
  }
}
