// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.testing.s3.S3ServerExtension;
import dev.lakestream.wire.WireProxy;
import dev.lakestream.wire.WireProxy.MadeUp;
import dev.lakestream.wire.WireRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What S3 is told about encryption: the headers of each request, as they are sent. The test server
 * encrypts nothing, so the answers are made up.
 */
@Timeout(60)
class S3EncryptionTest {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();
  private static final ObjectKey KEY = ObjectKey.of("data/x");
  private static final String SSE = "x-amz-server-side-encryption";
  private static final String KEY_ID = SSE + "-aws-kms-key-id";
  private static final String BUCKET_KEY = SSE + "-bucket-key-enabled";

  private WireProxy proxy;

  @BeforeEach
  void begin() throws IOException {
    proxy =
        WireProxy.before(S3.server().endpoint())
            .answer(
                request -> request.method().equals("PUT"), new MadeUp(200, "ETag: \"1\"\r\n", ""))
            .answer(
                request -> request.target().contains("?uploads"),
                xml(
                    "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"))
            .answer(
                request -> request.method().equals("POST"),
                xml(
                    "<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>"));
  }

  @AfterEach
  void end() throws IOException {
    proxy.close();
  }

  private static MadeUp xml(String body) {
    return new MadeUp(200, "Content-Type: application/xml\r\n", body);
  }

  /** A commit, a hint, a small bundle and a large one: everything that is ever put. */
  private List<WireRequest> putsWith(Map<String, String> options) throws IOException {
    Map<String, String> all = new HashMap<>(options);
    all.put("s3.endpoint", proxy.endpoint().toString());
    try (ObjectStore store = ObjectStores.open(S3.server().freshRoot(), all)) {
      store.putIfAbsent(KEY, new byte[10]);
      store.put(KEY, new byte[10]);
      upload(store, 10);
      upload(store, 20 << 20);
    }
    List<WireRequest> requests = proxy.takeRequests();
    assertThat(requests).filteredOn(request -> isCreation(request)).hasSize(4);
    return requests;
  }

  private static void upload(ObjectStore store, int length) throws IOException {
    try (ObjectUpload upload = store.upload(KEY)) {
      upload.write(ByteBuffer.allocate(length));
      upload.finish();
    }
  }

  /** Whether the request makes an object or begins to; parts and the end say nothing of it. */
  private static boolean isCreation(WireRequest request) {
    return !request.target().contains("uploadId=");
  }

  @Test
  void everyObjectIsEncryptedByTheKeyThatIsNamed() throws IOException {
    String key = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0000-1111-2222-333344445555";
    Map<String, String> options =
        Map.of("s3.sse", "aws:kms", "s3.sse-kms-key", key, "s3.sse-bucket-key", "true");
    for (WireRequest request : putsWith(options)) {
      boolean creation = isCreation(request);
      assertThat(request.header(SSE)).isEqualTo(creation ? "aws:kms" : "");
      assertThat(request.header(KEY_ID)).isEqualTo(creation ? key : "");
      assertThat(request.header(BUCKET_KEY)).isEqualTo(creation ? "true" : "");
    }
  }

  @Test
  void aKeyAloneMeansKms() throws IOException {
    assertThat(putsWith(Map.of("s3.sse-kms-key", "alias/training")))
        .filteredOn(S3EncryptionTest::isCreation)
        .allMatch(request -> request.header(SSE).equals("aws:kms"))
        .allMatch(request -> request.header(KEY_ID).equals("alias/training"))
        .allMatch(request -> request.header(BUCKET_KEY).isEmpty());
  }

  @Test
  void nothingIsSaidUnlessAsked() throws IOException {
    assertThat(putsWith(Map.of())).allMatch(request -> request.header(SSE).isEmpty());
    assertThat(putsWith(Map.of("s3.sse", "AES256")))
        .filteredOn(S3EncryptionTest::isCreation)
        .allMatch(request -> request.header(SSE).equals("AES256"));
  }

  @Test
  void aKeyGoesWithKmsOnly() {
    assertThatThrownBy(
            () -> putsWith(Map.of("s3.sse", "AES256", "s3.sse-kms-key", "alias/training")))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("aws:kms");
  }
}
