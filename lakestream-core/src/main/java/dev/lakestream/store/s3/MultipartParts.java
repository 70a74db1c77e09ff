// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.OffHeapMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/** The parts of one multipart upload, some of them under way at a time. */
final class MultipartParts {
  private static final int UNDER_WAY = 4;

  private final S3ObjectStore store;
  private final ObjectKey key;
  private final String uploadId;
  private final Semaphore permits = new Semaphore(UNDER_WAY);
  private final List<CompletableFuture<CompletedPart>> sent = new ArrayList<>();

  private MultipartParts(S3ObjectStore store, ObjectKey key, String uploadId) {
    this.store = store;
    this.key = key;
    this.uploadId = uploadId;
  }

  static MultipartParts begin(S3ObjectStore store, ObjectKey key, String id) throws IOException {
    CreateMultipartUploadRequest.Builder request =
        CreateMultipartUploadRequest.builder()
            .bucket(store.location().bucket())
            .key(store.location().name(key))
            .metadata(Map.of(S3Upload.UPLOAD_ID, id));
    if (store.options().checksums()) {
      request.checksumAlgorithm(ChecksumAlgorithm.CRC32_C).checksumType(ChecksumType.COMPOSITE);
    }
    store.options().encryption().addTo(request);
    try {
      return new MultipartParts(
          store, key, store.client().createMultipartUpload(request.build()).uploadId());
    } catch (SdkException e) {
      throw store.errors().of("upload of " + key, e);
    }
  }

  /** The number of the part to come. */
  int next() {
    return sent.size() + 1;
  }

  /** Sends a part in the background, and frees its memory; waits if enough are under way. */
  void send(OffHeapMemory part) throws IOException {
    int number = next();
    boolean given = false;
    try {
      if (number > PartSizes.MOST_PARTS) {
        throw new IOException(key + " is larger than S3 allows; raise " + S3Options.PART_SIZE);
      }
      throwIfFailed();
      permits.acquire();
      sent.add(
          CompletableFuture.supplyAsync(() -> sendNow(number, part), store.executor())
              .whenComplete(
                  (done, error) -> {
                    part.close();
                    permits.release();
                  }));
      given = true;
    } catch (InterruptedException e) {
      throw S3Upload.interrupted(key);
    } finally {
      if (!given) {
        part.close();
      }
    }
  }

  private CompletedPart sendNow(int number, OffHeapMemory part) {
    ByteBuffer content = part.bytes();
    UploadPartRequest.Builder request =
        UploadPartRequest.builder()
            .bucket(store.location().bucket())
            .key(store.location().name(key))
            .uploadId(uploadId)
            .partNumber(number);
    CompletedPart.Builder done = CompletedPart.builder().partNumber(number);
    if (store.options().checksums()) {
      String crc = Bodies.crc32c(content);
      request.checksumCRC32C(crc);
      done.checksumCRC32C(crc);
    }
    return done.eTag(store.client().uploadPart(request.build(), Bodies.of(content)).eTag()).build();
  }

  private void throwIfFailed() throws IOException {
    for (CompletableFuture<CompletedPart> part : sent) {
      if (part.isCompletedExceptionally()) {
        await(part);
      }
    }
  }

  private CompletedPart await(CompletableFuture<CompletedPart> part) throws IOException {
    try {
      return part.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof SdkException cause) {
        throw store.errors().of("upload of a part of " + key, cause);
      }
      throw new IOException("the upload of " + key + " failed", e.getCause());
    }
  }

  /** Waits for all parts and makes the object visible; throws the SDK's exception if it can't. */
  void complete() throws IOException {
    List<CompletedPart> parts = new ArrayList<>();
    for (CompletableFuture<CompletedPart> part : sent) {
      parts.add(await(part));
    }
    store
        .client()
        .completeMultipartUpload(
            request ->
                request
                    .bucket(store.location().bucket())
                    .key(store.location().name(key))
                    .uploadId(uploadId)
                    .ifNoneMatch("*")
                    .multipartUpload(all -> all.parts(parts)));
  }

  /** Removes the parts; those under way first end, or they would be left behind. */
  void abort() throws IOException {
    for (CompletableFuture<CompletedPart> part : sent) {
      part.handle((done, error) -> true).join();
    }
    store.abort(key, uploadId);
  }
}
