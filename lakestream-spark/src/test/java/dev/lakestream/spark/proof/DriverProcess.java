// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A {@link WritingDriver} in a process of its own, with a cluster whose executors are processes
 * too. All that they leave is below one folder.
 */
final class DriverProcess implements AutoCloseable {
  /** What a busy machine may need. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final int MEMORY_MB = 512;

  private final Process driver;
  private final BufferedWriter jobs;

  /** What was said, at last nothing. */
  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();

  private DriverProcess(Process driver) {
    this.driver = driver;
    this.jobs = driver.outputWriter(StandardCharsets.UTF_8);
    Thread listener = new Thread(this::listen, "output of a driver");
    listener.setDaemon(true);
    listener.start();
  }

  /** Starts a cluster with executors of one core. */
  static DriverProcess start(Path folder, int executors) throws IOException {
    String master = "local-cluster[" + executors + ",1," + MEMORY_MB + "]";
    return start(folder, Map.of("spark.master", master), List.of());
  }

  /**
   * Starts a cluster with an executor of one core on each of {@link TwoHosts}, so that Spark has a
   * second attempt at a task that takes longer than others.
   */
  static DriverProcess startSpeculating(Path folder) throws IOException {
    Map<String, String> eager =
        Map.of(
            "spark.speculation", "true",
            "spark.speculation.interval", "100ms",
            "spark.speculation.quantile", "0.5");
    return start(folder, eager, List.of(String.valueOf(MEMORY_MB)));
  }

  private static DriverProcess start(
      Path folder, Map<String, String> ofCluster, List<String> arguments) throws IOException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Path home = Files.createDirectories(folder.resolve("spark"));
    // Looks like an installation; the classes are those of the tests.
    Files.createDirectories(home.resolve("jars"));
    Files.createFile(home.resolve("RELEASE"));

    List<String> ofEach =
        List.of(
            "-Djava.io.tmpdir=" + temporary,
            "-XX:-UsePerfData",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1");
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--") || argument.startsWith("-Dio."))
        .forEach(command::add);
    command.addAll(ofEach);
    command.add("-Xmx" + MEMORY_MB + "m");
    Map<String, String> settings = settings(temporary, classPath, ofEach);
    settings.putAll(ofCluster);
    settings.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.addAll(List.of("-cp", classPath, WritingDriver.class.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return new DriverProcess(builder.start());
  }

  private static Map<String, String> settings(Path temporary, String classPath, List<String> jvm) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("spark.app.name", "proof");
    settings.put("spark.ui.enabled", "false");
    settings.put("spark.master.ui.port", "0");
    settings.put("spark.worker.ui.port", "0");
    settings.put("spark.driver.bindAddress", "127.0.0.1");
    settings.put("spark.driver.host", "127.0.0.1");
    settings.put("spark.local.dir", temporary.toString());
    settings.put("spark.sql.artifact.isolation.enabled", "false");
    settings.put("spark.executor.memory", MEMORY_MB + "m");
    settings.put("spark.executor.extraClassPath", classPath);
    settings.put("spark.executor.extraJavaOptions", '"' + String.join("\" \"", jvm) + '"');
    return settings;
  }

  /**
   * Runs a job to its end.
   *
   * @return what was said then
   */
  String run(WriteJob job) throws IOException, InterruptedException {
    submit(job);
    return await(WritingDriver.DONE);
  }

  void submit(WriteJob job) throws IOException {
    jobs.write(job.line());
    jobs.newLine();
    jobs.flush();
  }

  /** Waits until a line is said that begins so, and returns it. */
  String await(String beginning) throws InterruptedException {
    List<String> said = new ArrayList<>();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<String> line =
          Optional.ofNullable(lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS))
              .flatMap(next -> next);
      if (line.isEmpty() || line.get().equals(WritingDriver.FAILED)) {
        fail("no '%s', but%n%s", beginning, String.join("\n", said));
      } else if (line.get().startsWith(beginning)) {
        return line.get();
      }
      said.add(line.get());
    }
  }

  /** Kills the driver (SIGKILL); its executors end by themselves when they miss it. */
  void kill() throws InterruptedException {
    List<ProcessHandle> executors = driver.descendants().toList();
    assertThat(executors).isNotEmpty();
    driver.destroyForcibly().waitFor();
    awaitEnd(executors);
  }

  /** Ends the application when its jobs are done. */
  @Override
  public void close() throws IOException, InterruptedException {
    List<ProcessHandle> executors = driver.descendants().toList();
    if (driver.isAlive()) {
      jobs.close();
    }
    if (!driver.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      driver.destroyForcibly().waitFor();
    }
    awaitEnd(executors);
  }

  private static void awaitEnd(List<ProcessHandle> executors) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (ProcessHandle executor : executors) {
      try {
        executor.onExit().get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException | TimeoutException e) {
        executor.destroyForcibly();
        fail("an executor has outlived its driver", e);
      }
    }
  }

  private void listen() {
    try (BufferedReader output = driver.inputReader(StandardCharsets.UTF_8)) {
      output.lines().map(Optional::of).forEach(lines::add);
    } catch (IOException e) {
      lines.add(Optional.of(e.toString()));
    }
    lines.add(Optional.empty());
  }
}
