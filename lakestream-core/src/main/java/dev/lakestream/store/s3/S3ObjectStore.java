// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.store.Atomicity;
import dev.lakestream.store.GetsAhead;
import dev.lakestream.store.MemoryPool;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.OffHeapMemory;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * A prefix of an S3 bucket as an object store, on AWS and on servers that speak its protocol and
 * keep the promise of {@code If-None-Match: *}.
 *
 * <p>A put-if-absent is sent once ({@link ConditionalPut}). All else is retried by the SDK, with
 * backoff.
 */
public final class S3ObjectStore implements ObjectStore {
  private static final long MEMORY_KEPT = 64 << 20;

  private final S3Location location;
  private final S3Options options;
  private final S3Environment environment;
  private final S3Connection connection;
  private final S3Errors errors;
  private final ExecutorService executor;
  private final MemoryPool memory = new MemoryPool(MEMORY_KEPT);
  private final StallWatch stalls;
  private final ConditionalPut conditional;
  private final WholeGet wholes;
  private final GetsAhead ahead;
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
    HedgePolicy policy = new HedgePolicy();
    HedgedGets gets =
        new HedgedGets(
            connection.retrying(), executor, policy, environment.nanos(), options.hedge());
    this.stalls = StallWatch.start(policy, environment.nanos(), options.hedge());
    this.conditional =
        new ConditionalPut(connection.once(), location, options, errors, environment);
    S3Reading reading = new S3Reading(gets, stalls, location, options, errors, environment);
    this.wholes = new WholeGet(connection.retrying(), reading);
    this.ahead = new GetsAhead(this::get, executor);
    this.ranges = new RangeReader(reading, executor, memory);
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
    return conditional.send(key, putRequest(key, ByteBuffer.wrap(content)), content);
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
    options.encryption().addTo(request);
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
    return wholes.get(key, limit);
  }

  @Override
  public List<byte[]> getWhilePresent(Stream<ObjectKey> keys, int limit) throws IOException {
    return ahead.whilePresent(keys, limit);
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
  public List<String> folders(Optional<ObjectKey> below) throws IOException {
    requireCredentials();
    return listing.folders(below);
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
    stalls.close();
    executor.shutdownNow();
    connection.close();
    memory.close();
  }

  @Override
  public String toString() {
    return location.toString();
  }
}
