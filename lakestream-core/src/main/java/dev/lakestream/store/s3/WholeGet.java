// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Reads small objects whole: asks a second time where the answer is slow, and again where it breaks
 * off or stalls. Thread-safe.
 */
final class WholeGet {
  private static final int BLOCK = 16 << 10;

  private final S3Client client;
  private final S3Reading reading;

  WholeGet(S3Client client, S3Reading reading) {
    this.client = client;
    this.reading = reading;
  }

  /**
   * The content of an object.
   *
   * @throws CorruptObjectException before reading, if it has more than {@code limit} bytes
   */
  byte[] get(ObjectKey key, int limit) throws IOException {
    BrokenAnswerException broken;
    int attempt = 0;
    do {
      try {
        return getOnce(key, limit);
      } catch (BrokenAnswerException e) {
        broken = e;
        reading.environment().pauseAfter("get of " + key, ++attempt);
      }
    } while (attempt < reading.options().attempts());
    throw new IOException("reading " + key + " broke off " + attempt + " times", broken);
  }

  private byte[] getOnce(ObjectKey key, int limit) throws IOException {
    Optional<ResponseInputStream<GetObjectResponse>> opened = open(key, limit);
    if (opened.isEmpty()) {
      return new byte[0];
    }
    ResponseInputStream<GetObjectResponse> body = opened.get();
    boolean whole = false;
    try (StallWatch.Body watched = reading.stalls().watch(body::abort)) {
      byte[] content = readWhole(key, body, limit, watched);
      body.close();
      whole = true;
      return content;
    } catch (BrokenAnswerException e) {
      throw e;
    } catch (IOException | SdkException e) {
      throw new BrokenAnswerException("the body of " + key + " broke off", e);
    } finally {
      if (!whole) {
        body.abort();
      }
    }
  }

  /** The body; empty if the object is. */
  private Optional<ResponseInputStream<GetObjectResponse>> open(ObjectKey key, int limit)
      throws IOException {
    // A range, so that the answer says how large the object is beside how long its body is, and so
    // that no more comes than is wanted.
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(reading.location().bucket())
            .key(reading.location().name(key))
            .range("bytes=0-" + (Math.max(1, limit) - 1))
            .build();
    HedgedGets.Answer answer = new HedgedGets.Answer();
    try {
      return Optional.of(reading.gets().await(request, answer));
    } catch (InterruptedException e) {
      answer.completeExceptionally(e);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading " + key);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof SdkException cause)) {
        throw new IOException("get of " + key + " failed: " + e.getCause(), e);
      }
      if (cause instanceof S3Exception s3
          && s3.statusCode() == 404
          && !S3Errors.isNoSuchBucket(s3)) {
        throw new ObjectNotFoundException(key, reading.location());
      }
      // Nothing has no first byte.
      if (cause instanceof S3Exception s3 && s3.statusCode() == 416 && isEmpty(key)) {
        return Optional.empty();
      }
      throw reading.errors().of("get of " + key, cause);
    }
  }

  private boolean isEmpty(ObjectKey key) throws IOException {
    try {
      return client
              .headObject(
                  head ->
                      head.bucket(reading.location().bucket()).key(reading.location().name(key)))
              .contentLength()
          == 0;
    } catch (SdkException e) {
      throw reading.errors().of("head of " + key, e);
    }
  }

  private static byte[] readWhole(
      ObjectKey key,
      ResponseInputStream<GetObjectResponse> body,
      int limit,
      StallWatch.Body watched)
      throws IOException {
    Long length = body.response().contentLength();
    if (length == null) {
      throw new BrokenAnswerException("the server does not say how long " + key + " is");
    }
    long size =
        ContentRange.parse(body.response().contentRange()).map(ContentRange::size).orElse(length);
    if (size > limit) {
      throw new CorruptObjectException(
          key.value(), "it has " + size + " bytes, more than the " + limit + " allowed");
    }
    if (size != length) {
      throw new BrokenAnswerException(
          "of " + size + " bytes of " + key + " only " + length + " are sent");
    }
    byte[] content = new byte[(int) size];
    int at = 0;
    while (at < content.length) {
      int read = body.read(content, at, Math.min(BLOCK, content.length - at));
      if (read < 0) {
        throw new BrokenAnswerException(key + " ended after " + at + " of " + size + " bytes");
      }
      at += read;
      watched.cameOn();
    }
    return content;
  }
}
