// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import dev.lakestream.cli.JavaProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processes that play the torture's roles: how each is started, and where its journal is. */
final class Roles {
  private final TortureSettings settings;

  Roles(TortureSettings settings) {
    this.settings = settings;
  }

  /** A life of a producer. */
  ProcessBuilder producer(int number, int life) {
    return java(
        TortureProducerCommand.NAME,
        "--number=" + number,
        "--seed=" + (settings.seed() * 1_000_003 + number * 1009L + life),
        "--journal=" + acknowledged(number, life),
        "--stop=" + stopFile());
  }

  /** A reader; the first ranks are in Python. */
  ProcessBuilder reader(int rank) {
    String[] arguments = {
      "--rank=" + rank, "--size=" + settings.readers(), "--journal=" + delivered(rank)
    };
    return rank < settings.pythonReaders()
        ? python("torture_reader.py", arguments)
        : java(TortureReaderCommand.NAME, arguments);
  }

  ProcessBuilder vacuum() {
    return java(TortureVacuumCommand.NAME, "--stop=" + stopFile());
  }

  private ProcessBuilder java(String subcommand, String... arguments) {
    List<String> command = new ArrayList<>(JavaProcess.command(subcommand));
    command.addAll(settings.store().arguments());
    command.add(settings.uri());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  private ProcessBuilder python(String program, String... arguments) {
    Path home = settings.home();
    List<String> command = new ArrayList<>();
    command.add(home.resolve("lakestream-python/target/venv/bin/python").toString());
    command.add(home.resolve("lakestream-cli/src/main/python").resolve(program).toString());
    command.add(settings.uri());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(settings.store().environment());
    return builder;
  }

  /** What a life of a producer had acknowledged. */
  Path acknowledged(int producer, int life) {
    return settings.folder().resolve("producer-" + producer + "-" + life + ".jsonl");
  }

  /** What the reader of a rank got. */
  Path delivered(int rank) {
    return settings.folder().resolve("reader-" + rank + ".jsonl");
  }

  /** Producers and vacuums end when this exists. */
  Path stopFile() {
    return settings.folder().resolve("stop");
  }
}
