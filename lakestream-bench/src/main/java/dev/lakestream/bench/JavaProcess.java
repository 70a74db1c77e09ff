// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM like this one, with the same class path, that is measured or killed as a process. */
public final class JavaProcess {
  private JavaProcess() {}

  /**
   * One that runs a main class.
   *
   * @param options of the JVM, such as {@code -Xmx1g}, besides the modules that this one opens
   */
  public static ProcessBuilder of(List<String> options, String main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(
            argument ->
                argument.startsWith("--add-opens=")
                    || argument.startsWith("--enable-native-access="))
        .forEach(command::add);
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }
}
