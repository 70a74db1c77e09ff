// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.OffHeapMemory;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Gathers what is written, outside of the heap. What fits into one part is one conditional put;
 * more is a multipart upload, begun when the first part is full.
 *
 * <p>Each object carries the id of its upload, so that one whose end nobody answered can be told
 * from a stranger's.
 */
final class S3Upload implements ObjectUpload {
  static final String UPLOAD_ID = "lakestream-upload";

  private final S3ObjectStore store;
  private final ObjectKey key;
  private final String id;
  private Optional<MultipartParts> parts = Optional.empty();
  private Optional<OffHeapMemory> memory = Optional.empty();
  private long position;
  private boolean open = true;

  S3Upload(S3ObjectStore store, ObjectKey key, String id) {
    this.store = store;
    this.key = key;
    this.id = id;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    requireOpen();
    int written = source.remaining();
    while (source.hasRemaining()) {
      ByteBuffer part = part();
      int length = Math.min(part.remaining(), source.remaining());
      part.put(source.slice(source.position(), length));
      source.position(source.position() + length);
      position += length;
      if (!part.hasRemaining()) {
        sendPart();
      }
    }
    return written;
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    long written = 0;
    for (int i = offset; i < offset + length; i++) {
      written += write(sources[i]);
    }
    return written;
  }

  @Override
  public long write(ByteBuffer[] sources) throws IOException {
    return write(sources, 0, sources.length);
  }

  private void requireOpen() throws ClosedChannelException {
    if (!open) {
      throw new ClosedChannelException();
    }
  }

  private ByteBuffer part() throws IOException {
    if (memory.isEmpty()) {
      int number = parts.map(MultipartParts::next).orElse(1);
      memory =
          Optional.of(store.memory().take(PartSizes.ofPart(number, store.options().partSize())));
    }
    return memory.get().bytes();
  }

  private void sendPart() throws IOException {
    if (parts.isEmpty()) {
      parts = Optional.of(MultipartParts.begin(store, key, id));
    }
    OffHeapMemory full = memory.orElseThrow();
    memory = Optional.empty();
    full.bytes().flip();
    parts.get().send(full);
  }

  @Override
  public void finish() throws IOException {
    requireOpen();
    if (parts.isEmpty()) {
      putWhole();
    } else {
      if (memory.isPresent() && memory.get().bytes().position() > 0) {
        sendPart();
      }
      finishParts(parts.get());
      parts = Optional.empty();
    }
    open = false;
    release();
  }

  private void putWhole() throws IOException {
    ByteBuffer content = part().duplicate().flip();
    try {
      store
          .client()
          .putObject(
              store
                  .putRequest(key, content)
                  .ifNoneMatch("*")
                  .metadata(Map.of(UPLOAD_ID, id))
                  .build(),
              Bodies.of(content));
    } catch (S3Exception e) {
      if (e.statusCode() != 412) {
        throw store.errors().of("upload of " + key, e);
      }
      // Perhaps by ourselves: the SDK sends again what nobody answered.
      if (!isOurs()) {
        throw new FileAlreadyExistsException(key.value());
      }
    } catch (SdkException e) {
      throw store.errors().of("upload of " + key, e);
    }
  }

  private void finishParts(MultipartParts all) throws IOException {
    try {
      all.complete();
    } catch (S3Exception e) {
      boolean gone = e.statusCode() == 404 && !S3Errors.isNoSuchBucket(e);
      if ((gone || e.statusCode() == 412) && isOurs()) {
        return;
      }
      if (gone) {
        throw new IOException(
            "the upload of "
                + key
                + " was aborted by somebody else, and nothing is visible; upload it again under a"
                + " fresh key",
            e);
      }
      if (e.statusCode() == 412) {
        throw new FileAlreadyExistsException(key.value());
      }
      throw store.errors().of("finish of the upload of " + key, e);
    } catch (SdkException e) {
      throw store.errors().of("finish of the upload of " + key, e);
    }
  }

  private boolean isOurs() throws IOException {
    try {
      HeadObjectResponse head = store.headObject(key);
      return id.equals(head.metadata().get(UPLOAD_ID));
    } catch (S3Exception e) {
      if (e.statusCode() == 404) {
        return false;
      }
      throw store.errors().of("head of " + key, e);
    } catch (SdkException e) {
      throw store.errors().of("head of " + key, e);
    }
  }

  @Override
  public void close() throws IOException {
    open = false;
    try {
      if (parts.isPresent()) {
        parts.get().abort();
      }
    } finally {
      parts = Optional.empty();
      release();
    }
  }

  private void release() {
    memory.ifPresent(OffHeapMemory::close);
    memory = Optional.empty();
  }

  static InterruptedIOException interrupted(ObjectKey key) {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while uploading " + key);
  }
}
