// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * A role that one process after the other plays: killed as a machine is lost, without a word, or
 * stopped as a machine is that swaps, so that two of them may be there at the same time.
 */
final class Victim {
  private final String name;
  private final IntFunction<ProcessBuilder> command;
  private final Set<Integer> goodEnds;
  private final Path errors;
  private final Set<Process> sleepers = new LinkedHashSet<>();
  private final List<String> faults = new ArrayList<>();
  private Process process;
  private int starts;
  private int kills;

  /**
   * Starts the first process.
   *
   * @param command of the nth process
   * @param goodEnds exit codes that are no fault
   */
  Victim(String name, Path folder, IntFunction<ProcessBuilder> command, Set<Integer> goodEnds)
      throws IOException {
    this.name = name;
    this.command = command;
    this.goodEnds = goodEnds;
    this.errors = folder.resolve(name + "-errors.txt");
    this.process = launch();
  }

  String name() {
    return name;
  }

  int starts() {
    return starts;
  }

  int kills() {
    return kills;
  }

  /** What processes did that they must not do. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /** SIGKILL: no handler runs, no file is closed. Another process takes over at once. */
  void kill() throws IOException, InterruptedException {
    if (!process.isAlive()) {
      judge(process);
    } else {
      process.destroyForcibly().waitFor();
      kills++;
    }
    sleepers.remove(process);
    process = launch();
  }

  /** SIGSTOP: the process sleeps, and knows nothing of the one that takes over. */
  void putToSleep() throws IOException, InterruptedException {
    signal("STOP", process);
    sleepers.add(process);
    process = launch();
  }

  /** SIGSTOP without a successor, as a machine that swaps. */
  void pause() throws IOException, InterruptedException {
    signal("STOP", process);
    sleepers.add(process);
  }

  /** SIGCONT: those who sleep go on where they were; most of them find that they are fenced. */
  void wakeAll() throws IOException, InterruptedException {
    for (Process sleeper : sleepers) {
      signal("CONT", sleeper);
    }
  }

  /** Lets a sleeper that was fenced end, and forgets it. */
  private void awaitSleepers(long seconds) throws IOException, InterruptedException {
    for (Process sleeper : sleepers) {
      if (sleeper != process) {
        await(sleeper, seconds);
      }
    }
    sleepers.clear();
  }

  /** Waits until the processes have ended by themselves; if they don't, that is a fault. */
  void await(long seconds) throws IOException, InterruptedException {
    await(process, seconds);
    awaitSleepers(seconds);
  }

  /** The last resort. */
  void stop() {
    sleepers.forEach(Process::destroyForcibly);
    process.destroyForcibly();
  }

  private void await(Process ending, long seconds) throws IOException, InterruptedException {
    if (!ending.waitFor(seconds, TimeUnit.SECONDS)) {
      ending.destroyForcibly().waitFor();
      faults.add(name + " did not end in " + seconds + " s" + said());
    } else {
      judge(ending);
    }
  }

  private void judge(Process ended) throws IOException {
    int code = ended.exitValue();
    if (!goodEnds.contains(code)) {
      faults.add(name + " ended with exit code " + code + said());
    }
  }

  private String said() throws IOException {
    Optional<String> last =
        Files.exists(errors)
            ? Files.readAllLines(errors).stream().reduce((former, later) -> later)
            : Optional.empty();
    return last.map(line -> ": " + line).orElse("");
  }

  private Process launch() throws IOException {
    return command
        .apply(starts++)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
        .start();
  }

  private static void signal(String signal, Process process)
      throws IOException, InterruptedException {
    if (process.isAlive()) {
      new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    }
  }
}
