// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How a command of this program is started as a process of its own. */
public final class JavaProcess {
  private JavaProcess() {}

  /** The command line of a small JVM that starts fast and runs this subcommand. */
  public static List<String> command(String subcommand) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--add-opens"))
            .toList());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            subcommand));
    return command;
  }
}
