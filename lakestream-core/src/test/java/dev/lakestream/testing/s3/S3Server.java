// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing.s3;

import dev.lakestream.wire.WireFault;
import dev.lakestream.wire.WireProxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/** S3Proxy on a free port of the loopback, with one bucket. Checks signatures, as S3 does. */
public final class S3Server implements AutoCloseable {
  /** The bucket that there is. */
  public static final String BUCKET = "lakestream-test";

  /** What the build sets {@code AWS_ACCESS_KEY_ID} to while tests run. */
  public static final String ACCESS_KEY = "lakestream-test-key";

  /** What the build sets {@code AWS_SECRET_ACCESS_KEY} to while tests run. */
  public static final String SECRET_KEY = "lakestream-test-secret";

  private static final int THREADS = 64;

  /** S3's own. */
  private static final int SECONDS_OFF = 15 * 60;

  private final S3Proxy proxy;
  private final AtomicLong roots = new AtomicLong();

  private S3Server(S3Proxy proxy) {
    this.proxy = proxy;
  }

  /** A server that forgets everything when it is closed. */
  public static S3Server inMemory() throws IOException {
    return start(new TransientNio2BlobStore(), SECRET_KEY);
  }

  /** A server that knows our access key with another secret. */
  public static S3Server withOtherSecret() throws IOException {
    return start(new TransientNio2BlobStore(), "another-secret");
  }

  /** A server that keeps its objects in a directory. */
  public static S3Server inDirectory(Path directory) throws IOException {
    return start(new FilesystemNio2BlobStore(directory.toString()), SECRET_KEY);
  }

  /**
   * Runs a server for the tests of other languages, until standard input ends. Its first line of
   * output says where it listens, the second where one request in twenty meets a fault.
   *
   * @param args none: in memory; a directory to keep objects in; a key store and its password: with
   *     TLS, which nothing can be done to on the wire
   */
  public static void main(String[] args) throws IOException {
    try (S3Server server = withArguments(args);
        WireProxy proxy = WireProxy.before(server.endpoint())) {
      proxy.delaying(Duration.ofMillis(50)).randomly(1, 0.05, EnumSet.allOf(WireFault.class));
      System.out.println(server.endpoint());
      System.out.println(proxy.endpoint());
      while (System.in.read() >= 0) {
        // Nobody says anything.
      }
    }
    // What the server leaves running must not keep the process.
    System.exit(0);
  }

  /**
   * A server in memory that speaks TLS only.
   *
   * @param keyStore with its certificate, for 127.0.0.1
   */
  public static S3Server withTls(Path keyStore, String password) throws IOException {
    return start(
        new TransientNio2BlobStore(),
        SECRET_KEY,
        builder ->
            builder
                .secureEndpoint(URI.create("https://127.0.0.1:0"))
                .keyStore(keyStore.toString(), password));
  }

  private static S3Server withArguments(String[] args) throws IOException {
    return switch (args.length) {
      case 0 -> inMemory();
      case 1 -> inDirectory(Path.of(args[0]));
      default -> withTls(Path.of(args[0]), args[1]);
    };
  }

  private static S3Server start(BlobStore blobs, String secret) throws IOException {
    return start(blobs, secret, builder -> builder.endpoint(URI.create("http://127.0.0.1:0")));
  }

  private static S3Server start(
      BlobStore blobs, String secret, UnaryOperator<S3Proxy.Builder> listening) throws IOException {
    blobs.createContainer(BUCKET);
    S3Proxy proxy =
        listening
            .apply(S3Proxy.builder().blobStore(new WholeObjects(blobs)))
            .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, secret)
            .jettyMaxThreads(THREADS)
            .maximumTimeSkew(SECONDS_OFF)
            .build();
    try {
      proxy.start();
    } catch (Exception e) {
      throw new IOException("S3Proxy does not start", e);
    }
    return new S3Server(proxy);
  }

  /** Where it listens. */
  public URI endpoint() {
    return proxy.getSecurePort() > 0
        ? URI.create("https://127.0.0.1:" + proxy.getSecurePort())
        : URI.create("http://127.0.0.1:" + proxy.getPort());
  }

  /** What {@code ObjectStores.open} needs to find it. */
  public Map<String, String> options() {
    return Map.of("s3.endpoint", endpoint().toString());
  }

  /** A root that nobody else uses. */
  public String freshRoot() {
    return "s3://" + BUCKET + "/root-" + roots.incrementAndGet();
  }

  @Override
  public void close() throws IOException {
    try {
      proxy.stop();
    } catch (Exception e) {
      throw new IOException("S3Proxy does not stop", e);
    }
  }
}
