// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.StoreRefusedException;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.s3.S3Server;
import dev.lakestream.testing.s3.S3ServerExtension;
import dev.lakestream.wire.WireProxy;
import dev.lakestream.wire.WireProxy.MadeUp;
import dev.lakestream.wire.WireRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors come within seconds, say what is wrong and what to do, and give no credential away. */
@Timeout(60)
class S3ErrorsTest {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();
  private static final ObjectKey KEY = ObjectKey.of("pins/job/1");

  private WireProxy proxy;

  @BeforeEach
  void begin() throws IOException {
    proxy = WireProxy.before(S3.server().endpoint());
  }

  @AfterEach
  void end() throws IOException {
    proxy.close();
  }

  private ObjectStore store(String root, URI endpoint) {
    return ObjectStores.open(root, Map.of("s3.endpoint", endpoint.toString()));
  }

  private ObjectStore throughProxy() {
    return store(S3.server().freshRoot(), proxy.endpoint());
  }

  /** All operations of a store; one that is refused refuses them alike. */
  private static void assertAllFail(ObjectStore store, Class<?> type, String... saying) {
    assertFails(() -> store.putIfAbsent(KEY, new byte[1]), type, saying);
    assertFails(() -> store.put(KEY, new byte[1]), type, saying);
    assertFails(() -> store.get(KEY, 10), type, saying);
    assertFails(() -> store.read(KEY, 0, 1), type, saying);
    assertFails(() -> store.list(KEY, Optional.empty()), type, saying);
    assertFails(() -> store.delete(KEY), type, saying);
    assertFails(store::pendingUploads, type, saying);
  }

  private static void assertFails(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Class<?> type, String... saying) {
    Throwable error = catchThrowable(call);
    assertThat(error).isInstanceOf(type).hasMessageContainingAll(saying);
    StringWriter all = new StringWriter();
    error.printStackTrace(new PrintWriter(all));
    assertThat(all.toString())
        .doesNotContain(S3Server.SECRET_KEY)
        .doesNotContain(S3Server.ACCESS_KEY);
  }

  @Test
  void wrongCredentials() throws IOException {
    try (S3Server other = S3Server.withOtherSecret();
        ObjectStore store = store(other.freshRoot(), other.endpoint())) {
      assertAllFail(
          store, StoreRefusedException.class, "AWS_SECRET_ACCESS_KEY", "SignatureDoesNotMatch");
    }
  }

  @Test
  void missingBucket() throws IOException {
    try (ObjectStore store = store("s3://no-such-bucket/x", S3.server().endpoint())) {
      assertAllFail(
          store, StoreRefusedException.class, "'no-such-bucket' does not exist", "create it");
    }
  }

  @Test
  void endpointDown() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    URI nobody = URI.create("http://127.0.0.1:" + port);
    try (ObjectStore store = store("s3://" + S3Server.BUCKET + "/x", nobody)) {
      assertAllFail(store, IOException.class, "accepts no connection", "s3.endpoint");
    }
  }

  /** The SDK takes an empty variable for an address, and fails with a NullPointerException. */
  @Test
  void emptyEndpointVariable() {
    Map<String, String> variables = Map.of("AWS_ENDPOINT_URL_S3", "", "AWS_ENDPOINT_URL", " ");
    S3Options options = S3Options.of(Map.of("s3.region", "eu-central-1"), variables);
    try (S3Connection connection = S3Connection.open(options)) {
      assertThat(connection.retrying().serviceClientConfiguration().endpointOverride())
          .contains(URI.create("https://s3.eu-central-1.amazonaws.com"));
    }
  }

  @Test
  void unknownHost() throws IOException {
    URI nowhere = URI.create("http://nowhere.invalid");
    try (ObjectStore store = store("s3://" + S3Server.BUCKET + "/x", nowhere)) {
      assertFails(() -> store.get(KEY, 1), IOException.class, "unknown", "s3.endpoint");
    }
  }

  @Test
  void noPermissionToWritePins() throws IOException {
    proxy.answer(
        request -> request.target().contains("/pins/"), MadeUp.s3Error(403, "AccessDenied"));
    try (ObjectStore store = throughProxy()) {
      assertFails(
          () -> store.putIfAbsent(KEY, new byte[1]),
          StoreRefusedException.class,
          "pins/job/1",
          "s3:PutObject",
          "AccessDenied");
      assertFails(
          () -> store.get(KEY, 1), StoreRefusedException.class, "pins/job/1", "s3:GetObject");
      assertThat(store.list(ObjectKey.of("log"), Optional.empty())).isEmpty();
    }
  }

  @Test
  void policyForbidsTheConditionalHeader() throws IOException {
    proxy.answer(WireRequest::isConditionalPut, MadeUp.s3Error(403, "AccessDenied"));
    try (ObjectStore store = throughProxy()) {
      assertFails(
          () -> LakeStream.create(store, Samples.definition(), Environment.system()),
          StoreRefusedException.class,
          "plain puts are allowed and conditional ones are not",
          "If-None-Match");
    }
  }

  @Test
  void serverThatDoesNotKnowTheConditionalHeader() throws IOException {
    proxy.answer(WireRequest::isConditionalPut, MadeUp.s3Error(501, "NotImplemented"));
    try (ObjectStore store = throughProxy()) {
      assertFails(
          () -> LakeStream.create(store, Samples.definition(), Environment.system()),
          StoreRefusedException.class,
          "If-None-Match");
    }
  }

  @Test
  void bucketOfAnotherRegion() throws IOException {
    MadeUp moved = MadeUp.s3Error(301, "PermanentRedirect");
    proxy.answer(
        request -> true,
        new MadeUp(301, moved.headers() + "x-amz-bucket-region: eu-central-1\r\n", moved.body()));
    try (ObjectStore store = throughProxy()) {
      assertAllFail(store, StoreRefusedException.class, "eu-central-1", "s3.region");
    }
  }

  @Test
  void vanishedKey() throws IOException {
    try (ObjectStore store = throughProxy()) {
      store.putIfAbsent(KEY, new byte[10]);
      store.delete(KEY);
      assertFails(() -> store.get(KEY, 10), ObjectNotFoundException.class, "pins/job/1");
      assertFails(() -> store.read(KEY, 0, 10), ObjectNotFoundException.class, "pins/job/1");
    }
  }

  @Test
  void knownBadServersAreRefusedByName() throws IOException {
    proxy.answer(
        request -> request.method().equals("HEAD"),
        new MadeUp(200, "Server: Werkzeug/3.1.3 Python/3.11\r\n", ""));
    try (ObjectStore store = throughProxy()) {
      // The same answer would say that there is a stream: ask for the race directly.
      assertFails(
          () -> dev.lakestream.store.StoreProbe.require(store, java.util.UUID.randomUUID()),
          StoreRefusedException.class,
          "moto",
          "docs/storage.md");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://user:lakestream-test-secret@bucket/x",
        "s3://bucket/x?secret=lakestream-test-secret",
        "s3://bucket/x#lakestream-test-secret",
        "s3://bucket/a//b",
        "s3://bucket/.hidden",
        "s3:///x",
        "s3:bucket"
      })
  void rootsThatAreNone(String root) {
    assertFails(
        () -> ObjectStores.open(root, S3.server().options()), InvalidRequestException.class, "");
  }

  @ParameterizedTest
  @CsvSource({
    "s3.endpoint,ftp://x",
    "s3.endpoint,http://user:lakestream-test-secret@host",
    "s3.path-style,yes",
    "s3.checksums,md5",
    "s3.max-connections,0",
    "s3.max-connections,many",
    "s3.timeout,10",
    "s3.range-size,1",
    "s3.part-size,4MB",
    "s3.part-size,2000MB",
    "s3.sse,aws:kms:dsse",
    "s3.sse,none",
    "s3.sse-kms-key,training",
    "s3.sse-kms-key,arn:aws:iam::123456789012:role/x",
    "s3.sse-kms-key,alias/x y",
    "s3.sse-bucket-key,true",
    "s3.sse-bucket-key,yes",
    "s3.nonsense,1"
  })
  void optionsThatAreNone(String name, String value) {
    assertFails(
        () -> ObjectStores.open("s3://bucket/x", Map.of(name, value)),
        InvalidRequestException.class,
        "s3.");
  }

  @Test
  void credentialsAreNoOptions() {
    for (String name : new String[] {"s3.access-key", "s3.secret-key", "s3.secret-access-key"}) {
      assertFails(
          () -> ObjectStores.open("s3://bucket/x", Map.of(name, S3Server.SECRET_KEY)),
          InvalidRequestException.class,
          "AWS_ACCESS_KEY_ID");
    }
  }

  @Test
  void optionsReachTheServer() throws IOException {
    Map<String, String> options = new HashMap<>();
    options.put("s3.endpoint", proxy.endpoint().toString());
    proxy.answer(request -> request.method().equals("PUT"), new MadeUp(200, "ETag: \"1\"\r\n", ""));
    try (ObjectStore store = ObjectStores.open(S3.server().freshRoot(), options)) {
      store.putIfAbsent(KEY, new byte[10]);
    }
    WireRequest put = proxy.takeRequests().get(0);
    assertThat(put.header("x-amz-server-side-encryption")).isEmpty();
    assertThat(put.header("x-amz-checksum-crc32c")).isNotEmpty();
    assertThat(put.header("if-none-match")).isEqualTo("*");

    options.put("s3.checksums", "when-required");
    try (ObjectStore store = ObjectStores.open(S3.server().freshRoot(), options)) {
      store.putIfAbsent(KEY, new byte[10]);
      assertThatThrownBy(() -> store.get(KEY, 10)).isInstanceOf(ObjectNotFoundException.class);
    }
    assertThat(proxy.takeRequests().get(0).head().toLowerCase(java.util.Locale.ROOT))
        .doesNotContain("checksum");
  }
}
