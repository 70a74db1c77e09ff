// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Drivers of {@link ProofJob} in processes of their own. */
final class SparkProcess {
  private final Path folder;
  private final Map<String, String> settings = new TreeMap<>();

  SparkProcess(Path folder, String master) {
    this.folder = folder;
    settings.put("spark.master", master);
    settings.put("spark.app.name", "proof");
    settings.put("spark.ui.enabled", "false");
    settings.put("spark.driver.bindAddress", "127.0.0.1");
    settings.put("spark.driver.host", "127.0.0.1");
  }

  /** Starts a driver; what it says goes to a file {@code output} in the folder. */
  Process start(String root, Map<String, String> options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--") || argument.startsWith("-Dio."))
        .forEach(command::add);
    command.add("-Xmx512m");
    settings.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.addAll(List.of("-cp", classPath(), ProofJob.class.getName()));
    command.add(root);
    options.forEach((name, value) -> command.add(name + "=" + value));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.start();
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
