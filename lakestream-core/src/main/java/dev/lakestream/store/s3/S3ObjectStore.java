// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.store.Atomicity;
import dev.lakestream.store.MemoryPool;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.OffHeapMemory;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * A prefix of an S3 bucket as an object store, on AWS and on servers that speak its protocol and
 * keep the promise of {@code If-None-Match: *}.
 *
 * <p>A put-if-absent is sent once: the SDK's own retry would turn a success into a 412 by
 * ourselves. What was provably never sent is sent anew; what nobody answered is {@link
 * OutcomeUnknownException}. All else is retried by the SDK, with backoff.
 */
public final class S3ObjectStore implements ObjectStore {
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long MEMORY_KEPT = 64 << 20;

  private final S3Location location;
  private final S3Options options;
  private final S3Environment environment;
  private final S3Connection connection;
  private final S3Errors errors;
  private final ExecutorService executor;
  private final MemoryPool memory = new MemoryPool(MEMORY_KEPT);
  private final RangeReader ranges;
  private final S3Listing listing;

  private S3ObjectStore(
      S3Location location, S3Options options, S3Environment environment, S3Connection connection) {
    this.location = location;
    this.options = options;
    this.environment = environment;
    this.connection = connection;
    this.errors = new S3Errors(location, options, environment.clock());
    this.executor = Executors.newCachedThreadPool(S3ObjectStore::daemon);
    HedgedGets gets =
        new HedgedGets(
            connection.retrying(),
            executor,
            new HedgePolicy(),
            environment.nanos(),
            options.hedge());
    this.ranges = new RangeReader(gets, location, options, errors, environment, executor, memory);
    this.listing = new S3Listing(connection.retrying(), location, errors);
  }

  /**
   * Opens the store below {@code s3://bucket/prefix}; asks nobody yet.
   *
   * @param options those that begin with {@code s3.}
   * @param variables the environment's, for what the options leave open
   */
  static S3ObjectStore open(
      URI root,
      Map<String, String> options,
      Map<String, String> variables,
      S3Environment environment) {
    S3Location location = S3Location.of(root);
    S3Options read = S3Options.of(options, variables);
    return new S3ObjectStore(location, read, environment, S3Connection.open(read));
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "lakestream-s3");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public URI root() {
    return location.uri();
  }

  @Override
  public Atomicity atomicity() throws IOException {
    requireCredentials();
    Optional<String> broken = KnownServers.broken(serverName());
    if (broken.isPresent()) {
      return Atomicity.broken(broken.get());
    }
    return options.probe() ? Atomicity.unproven() : Atomicity.certain();
  }

  /** What the server calls itself; empty if it does not say, or not to us. */
  private String serverName() throws IOException {
    try {
      return connection
          .retrying()
          .headBucket(request -> request.bucket(location.bucket()))
          .sdkHttpResponse()
          .firstMatchingHeader("Server")
          .orElse("");
    } catch (S3Exception e) {
      // Who may only use objects may not look at the bucket; puts will tell what is wrong.
      return "";
    } catch (SdkException e) {
      throw errors.of("head of the bucket", e);
    }
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    requireCredentials();
    PutObjectRequest request = putRequest(key, ByteBuffer.wrap(content)).ifNoneMatch("*").build();
    for (int attempt = 1; ; attempt++) {
      try {
        connection.once().putObject(request, Bodies.of(content));
        return PutResult.CREATED;
      } catch (S3Exception e) {
        if (e.statusCode() == 412) {
          return PutResult.EXISTS;
        }
        if (S3Errors.mayHaveActed(e)) {
          throw outcomeUnknown(key, e);
        }
        throw errors.of("conditional put of " + key, e);
      } catch (SdkException e) {
        if (!S3Errors.neverSent(e)) {
          throw outcomeUnknown(key, e);
        }
        if (attempt >= options.attempts()) {
          throw errors.of("conditional put of " + key, e);
        }
        pause(attempt);
      }
    }
  }

  private OutcomeUnknownException outcomeUnknown(ObjectKey key, SdkException e) {
    return new OutcomeUnknownException(
        "whether " + key + " was put in " + location + " is unknown: " + errors.brief(e), e);
  }

  private void pause(int attempt) throws IOException {
    try {
      environment.pause().millis(FIRST_PAUSE_MILLIS << Math.min(attempt, 5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before anything was sent to " + location);
    }
  }

  /** Before what must not fail for another reason: then nothing was sent for certain. */
  private void requireCredentials() throws IOException {
    try {
      connection.credentials().resolveCredentials();
    } catch (SdkException e) {
      throw errors.noCredentials(e);
    }
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    requireCredentials();
    try {
      connection
          .retrying()
          .putObject(putRequest(key, ByteBuffer.wrap(content)).build(), Bodies.of(content));
    } catch (SdkException e) {
      throw errors.of("put of " + key, e);
    }
  }

  /** A put of these bytes, which S3 verifies if it is to. */
  PutObjectRequest.Builder putRequest(ObjectKey key, ByteBuffer content) {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder().bucket(location.bucket()).key(location.name(key));
    if (options.checksums()) {
      request.checksumCRC32C(Bodies.crc32c(content));
    }
    options
        .sseKmsKey()
        .ifPresent(
            kms -> request.serverSideEncryption(ServerSideEncryption.AWS_KMS).ssekmsKeyId(kms));
    return request;
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    requireCredentials();
    return new S3Upload(this, key, environment.uuids().get().toString());
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    requireCredentials();
    BrokenAnswerException broken;
    int attempt = 0;
    do {
      try {
        return getOnce(key, limit);
      } catch (BrokenAnswerException e) {
        broken = e;
        pause(attempt);
      }
    } while (++attempt < options.attempts());
    throw new IOException("reading " + key + " broke off " + attempt + " times", broken);
  }

  private byte[] getOnce(ObjectKey key, int limit) throws IOException {
    // A range, so that the answer says how large the object is beside how long its body is, and so
    // that no more comes than is wanted.
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(location.bucket())
            .key(location.name(key))
            .range("bytes=0-" + (Math.max(1, limit) - 1))
            .build();
    ResponseInputStream<GetObjectResponse> body;
    try {
      body = connection.retrying().getObject(request);
    } catch (S3Exception e) {
      if (e.statusCode() == 404 && !S3Errors.isNoSuchBucket(e)) {
        throw new ObjectNotFoundException(key, location);
      }
      // Nothing has no first byte.
      if (e.statusCode() == 416 && head(key).filter(info -> info.size() == 0).isPresent()) {
        return new byte[0];
      }
      throw errors.of("get of " + key, e);
    } catch (SdkException e) {
      throw errors.of("get of " + key, e);
    }
    boolean whole = false;
    try {
      byte[] content = readWhole(key, body, limit);
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

  private static byte[] readWhole(
      ObjectKey key, ResponseInputStream<GetObjectResponse> body, int limit) throws IOException {
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
    byte[] content = body.readNBytes((int) size);
    if (content.length < size) {
      throw new BrokenAnswerException(
          key + " ended after " + content.length + " of " + size + " bytes");
    }
    return content;
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    requireCredentials();
    if (offset < 0 || length < 0 || offset > Long.MAX_VALUE - length) {
      throw new CorruptObjectException(
          key.value(), "bytes " + offset + " to " + (offset + length) + " are wanted");
    }
    if (length > 0) {
      return ranges.read(key, offset, length);
    }
    long size = head(key).orElseThrow(() -> new ObjectNotFoundException(key, location)).size();
    if (offset > size) {
      throw new CorruptObjectException(
          key.value(), "byte " + offset + " is wanted, it has " + size);
    }
    return OffHeapMemory.allocate(0);
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    requireCredentials();
    try {
      HeadObjectResponse head = headObject(key);
      return Optional.of(new ObjectInfo(key, head.contentLength(), head.lastModified()));
    } catch (S3Exception e) {
      if (e.statusCode() == 404) {
        return Optional.empty();
      }
      throw errors.of("head of " + key, e);
    } catch (SdkException e) {
      throw errors.of("head of " + key, e);
    }
  }

  HeadObjectResponse headObject(ObjectKey key) {
    return connection
        .retrying()
        .headObject(request -> request.bucket(location.bucket()).key(location.name(key)));
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    requireCredentials();
    return listing.objects(folder, startAfter);
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    requireCredentials();
    try {
      connection
          .retrying()
          .deleteObject(request -> request.bucket(location.bucket()).key(location.name(key)));
    } catch (S3Exception e) {
      if (e.statusCode() != 404 || S3Errors.isNoSuchBucket(e)) {
        throw errors.of("delete of " + key, e);
      }
    } catch (SdkException e) {
      throw errors.of("delete of " + key, e);
    }
  }

  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    requireCredentials();
    return listing.pendingUploads();
  }

  @Override
  public void abort(PendingUpload upload) throws IOException {
    ObjectKey key =
        upload
            .key()
            .orElseThrow(() -> new IOException("an upload without a key is none of " + location));
    abort(key, upload.id());
  }

  void abort(ObjectKey key, String uploadId) throws IOException {
    try {
      connection
          .retrying()
          .abortMultipartUpload(
              request ->
                  request.bucket(location.bucket()).key(location.name(key)).uploadId(uploadId));
    } catch (S3Exception e) {
      if (e.statusCode() != 404 || S3Errors.isNoSuchBucket(e)) {
        throw errors.of("abort of the upload of " + key, e);
      }
    } catch (SdkException e) {
      throw errors.of("abort of the upload of " + key, e);
    }
  }

  S3Client client() {
    return connection.retrying();
  }

  MemoryPool memory() {
    return memory;
  }

  ExecutorService executor() {
    return executor;
  }

  S3Location location() {
    return location;
  }

  S3Options options() {
    return options;
  }

  S3Errors errors() {
    return errors;
  }

  @Override
  public void close() {
    executor.shutdownNow();
    connection.close();
    memory.close();
  }

  @Override
  public String toString() {
    return location.toString();
  }
}
