// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.error.InvalidRequestException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** The other side of the S3 benchmarks: what one writes with the SDK and nothing else. */
public final class PlainS3 implements AutoCloseable {
  /** Names where on S3 the benchmarks may write; the server is the environment's. */
  public static final String ROOT_VARIABLE = "LAKESTREAM_BENCH_S3";

  private final S3Client client;
  private final URI root;

  PlainS3(URI root) {
    this.root = root;
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClient(Apache5HttpClient.builder().maxConnections(64).build())
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    endpoint().ifPresent(endpoint -> builder.endpointOverride(endpoint).forcePathStyle(true));
    this.client = builder.build();
  }

  /** Where the benchmarks may write. */
  public static URI rootFromEnvironment() {
    String value = System.getenv(ROOT_VARIABLE);
    if (value == null || !value.startsWith("s3://")) {
      throw new InvalidRequestException(
          "set "
              + ROOT_VARIABLE
              + " to s3://bucket/prefix, where this benchmark may write, and AWS_ENDPOINT_URL to a"
              + " server other than AWS");
    }
    return URI.create(value);
  }

  /** Whether the environment names a place on S3. */
  public static boolean isNamed() {
    return System.getenv(ROOT_VARIABLE) != null;
  }

  /** Where S3 is, if not at AWS. */
  public static Optional<URI> endpoint() {
    return Optional.ofNullable(System.getenv("AWS_ENDPOINT_URL"))
        .filter(value -> !value.isBlank())
        .map(URI::create);
  }

  /** Reads a range into an array. */
  void read(String key, long offset, byte[] target) throws IOException {
    try (ResponseInputStream<GetObjectResponse> body =
        client.getObject(
            request ->
                request
                    .bucket(root.getHost())
                    .key(name(key))
                    .range("bytes=" + offset + "-" + (offset + target.length - 1)))) {
      if (body.readNBytes(target, 0, target.length) != target.length) {
        throw new IOException(key + " ended early");
      }
    }
  }

  /** Uploads the same part again and again, as one object, with checksums that S3 verifies. */
  void uploadParts(String key, byte[] part, int parts, Executor executor) {
    String id =
        client
            .createMultipartUpload(
                request ->
                    request
                        .bucket(root.getHost())
                        .key(name(key))
                        .checksumAlgorithm(ChecksumAlgorithm.CRC32_C))
            .uploadId();
    List<CompletableFuture<CompletedPart>> sent = new ArrayList<>();
    for (int i = 1; i <= parts; i++) {
      int number = i;
      sent.add(CompletableFuture.supplyAsync(() -> part(key, id, number, part), executor));
    }
    List<CompletedPart> done = sent.stream().map(CompletableFuture::join).toList();
    client.completeMultipartUpload(
        request ->
            request
                .bucket(root.getHost())
                .key(name(key))
                .uploadId(id)
                .multipartUpload(all -> all.parts(done)));
  }

  private CompletedPart part(String key, String id, int number, byte[] content) {
    var answer =
        client.uploadPart(
            request ->
                request
                    .bucket(root.getHost())
                    .key(name(key))
                    .uploadId(id)
                    .partNumber(number)
                    .checksumAlgorithm(ChecksumAlgorithm.CRC32_C),
            RequestBody.fromContentProvider(
                () -> new ByteArrayInputStream(content),
                content.length,
                "application/octet-stream"));
    return CompletedPart.builder()
        .partNumber(number)
        .eTag(answer.eTag())
        .checksumCRC32C(answer.checksumCRC32C())
        .build();
  }

  private String name(String key) {
    return root.getPath().substring(1) + "/" + key;
  }

  /** Runs something on each of so many threads at a time, and waits for all. */
  static void onAll(int threads, Executor executor, Work work) {
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      running.add(
          CompletableFuture.runAsync(
              () -> {
                try {
                  work.run(number);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              executor));
    }
    running.forEach(CompletableFuture::join);
  }

  /** What one thread does. */
  @FunctionalInterface
  interface Work {
    void run(int thread) throws IOException;
  }

  @Override
  public void close() {
    client.close();
  }
}
