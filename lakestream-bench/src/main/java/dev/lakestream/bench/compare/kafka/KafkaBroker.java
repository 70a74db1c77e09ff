// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import dev.lakestream.bench.JavaProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;

/** A real broker, its own controller (KRaft), in a process of its own on this machine. */
final class KafkaBroker implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);
  private static final String HEAP = "-Xmx3g";

  private final Process process;
  private final Path logs;
  private final String address;

  private KafkaBroker(Process process, Path logs, String address) {
    this.process = process;
    this.logs = logs;
    this.address = address;
  }

  /**
   * Starts a broker with defaults, but for replicas (there is one broker) and addresses.
   *
   * @param folder for its files, an empty one
   */
  static KafkaBroker start(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    int[] ports = freePorts();
    Path logs = folder.resolve("logs");
    Path settings = folder.resolve("server.properties");
    Files.writeString(settings, settings(ports[0], ports[1], logs));
    Path output = folder.resolve("output");
    Process format =
        java(output, "kafka.tools.StorageTool", "format", "-t", id(), "-c", settings.toString());
    if (format.waitFor() != 0) {
      throw new IOException("the broker's storage was not formatted: " + Files.readString(output));
    }
    KafkaBroker broker =
        new KafkaBroker(
            java(output, "kafka.Kafka", settings.toString()), logs, "127.0.0.1:" + ports[0]);
    try {
      broker.awaitStart(output);
    } catch (IOException | InterruptedException | RuntimeException e) {
      broker.close();
      throw e;
    }
    return broker;
  }

  private static String id() {
    return Uuid.randomUuid().toString();
  }

  private static int[] freePorts() throws IOException {
    try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new int[] {first.getLocalPort(), second.getLocalPort()};
    }
  }

  private static String settings(int port, int controllerPort, Path logs) {
    return """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:%2$d
        controller.listener.names=CONTROLLER
        listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
        advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
        log.dirs=%3$s
        offsets.topic.replication.factor=1
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        socket.request.max.bytes=209715200
        """
        .formatted(port, controllerPort, logs);
  }

  private static Process java(Path output, String main, String... arguments) throws IOException {
    return JavaProcess.of(List.of(HEAP), main, List.of(arguments))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
        .start();
  }

  private void awaitStart(Path output) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START.toNanos();
    try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address))) {
      while (true) {
        try {
          admin.describeCluster().clusterId().get(5, TimeUnit.SECONDS);
          return;
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
          if (!process.isAlive() || System.nanoTime() > deadline) {
            throw new IOException("the broker did not start: " + Files.readString(output), e);
          }
        }
      }
    }
  }

  /** Where clients find it. */
  String address() {
    return address;
  }

  /** Where it keeps partitions, a folder each. */
  Path logs() {
    return logs;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
