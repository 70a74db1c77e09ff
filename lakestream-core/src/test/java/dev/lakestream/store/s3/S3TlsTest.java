// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.StoreRefusedException;
import dev.lakestream.testing.s3.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An {@code https://} endpoint whose certificate nobody has signed but itself. */
@Timeout(120)
class S3TlsTest {
  private static final String PASSWORD = "for-this-test";
  private static final ObjectKey KEY = ObjectKey.of("log/x");

  @TempDir static Path folder;
  private static Path keyStore;
  private static S3Server server;

  @BeforeAll
  static void begin() throws IOException, InterruptedException {
    keyStore = folder.resolve("server.p12");
    run(
        List.of(
            tool("keytool"),
            "-genkeypair",
            "-alias",
            "server",
            "-keyalg",
            "EC",
            "-dname",
            "CN=127.0.0.1",
            "-ext",
            "san=ip:127.0.0.1",
            "-storetype",
            "PKCS12",
            "-keystore",
            keyStore.toString(),
            "-storepass",
            PASSWORD));
    server = S3Server.withTls(keyStore, PASSWORD);
  }

  @AfterAll
  static void end() throws IOException {
    server.close();
  }

  @Test
  void aCertificateThatNobodyTrustsIsAnErrorAtOnce() throws IOException {
    try (ObjectStore store = ObjectStores.open(server.freshRoot(), server.options())) {
      assertThatThrownBy(() -> store.putIfAbsent(KEY, new byte[1]))
          .isInstanceOf(StoreRefusedException.class)
          .hasMessageContainingAll("TLS", server.endpoint().toString(), "trust store");
    }
  }

  /** The JVM reads its trust store once: this takes another one. */
  @Test
  void theTrustStoreOfTheJvmDecides() throws IOException, InterruptedException {
    assertThat(
            run(
                List.of(
                    tool("java"),
                    "-Djavax.net.ssl.trustStore=" + keyStore,
                    "-Djavax.net.ssl.trustStorePassword=" + PASSWORD,
                    "-cp",
                    System.getProperty("java.class.path"),
                    Client.class.getName(),
                    server.freshRoot(),
                    server.endpoint().toString())))
        .contains("read back: said over TLS");
  }

  /** Puts something and reads it back, in a process of its own. */
  static final class Client {
    private Client() {}

    public static void main(String[] args) throws IOException {
      try (ObjectStore store = ObjectStores.open(args[0], Map.of("s3.endpoint", args[1]))) {
        store.putIfAbsent(KEY, "said over TLS".getBytes(UTF_8));
        System.out.println("read back: " + new String(store.get(KEY, 100), UTF_8));
      }
    }
  }

  private static String tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ended", command.get(0)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }
}
