// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing.s3;

import dev.lakestream.store.ObjectStore;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * An {@link S3Server} in memory, in a process of its own with the class path of this module: for
 * tests beside Spark, whose servlet API is older than the server's, and for those with processes of
 * their own. It ends with the process that has started it, however that ends.
 */
public final class S3Process implements AutoCloseable {
  /** What the build writes beside the classes of this module. */
  private static final String CLASS_PATH = "test.classpath";

  private static final int PATIENCE_SECONDS = 30;

  private final Process server;
  private final URI endpoint;

  private S3Process(Process server, URI endpoint) {
    this.server = server;
    this.endpoint = endpoint;
  }

  /** Starts a server, and returns when it listens. */
  public static S3Process start() throws IOException {
    Path tests = placeOf(S3Server.class);
    String others = Files.readString(tests.resolveSibling(CLASS_PATH)).strip();
    String classPath =
        String.join(
            File.pathSeparator, tests.toString(), placeOf(ObjectStore.class).toString(), others);
    Process server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                classPath,
                S3Server.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    // Nothing else is said; nobody may block the server by not listening.
    BufferedReader output = server.inputReader(StandardCharsets.UTF_8);
    String said = output.readLine();
    if (said == null) {
      server.destroyForcibly();
      throw new IOException("the S3 server has ended before it listened");
    }
    return new S3Process(server, URI.create(said));
  }

  private static Path placeOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("classes are in files", e);
    }
  }

  /** What {@code ObjectStores.open} needs to find it. */
  public Map<String, String> options() {
    return Map.of("s3.endpoint", endpoint.toString());
  }

  /** A root that nobody else uses. */
  public String freshRoot() {
    return "s3://" + S3Server.BUCKET + "/root-" + UUID.randomUUID();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    server.getOutputStream().close();
    if (!server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      server.destroyForcibly().waitFor();
    }
  }
}
