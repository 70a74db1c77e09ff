// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing.s3;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.BooleanSupplier;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/**
 * Shows objects whole or not at all, as S3 does. S3Proxy's own stores write a conditional put under
 * its final name, and list what is there so far.
 *
 * <p>Nobody looks while anybody writes. Writers do not wait for each other: who wins a race is left
 * to S3Proxy.
 */
final class WholeObjects extends ForwardingBlobStore {
  private final Object turn = new Object();
  private int writing;
  private int looking;

  /** A use of the store below. */
  @FunctionalInterface
  private interface Use<T> {
    T make();
  }

  WholeObjects(BlobStore store) {
    super(store);
  }

  @Override
  public PutObjectResponse putBlob(PutObjectRequest request, InputStream body) {
    // All of it before the turn: a client may be slow, or die.
    byte[] content;
    try {
      content = body.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return write(() -> super.putBlob(request, new ByteArrayInputStream(content)));
  }

  @Override
  public CompleteMultipartUploadResponse completeMultipartUpload(
      MultipartUpload upload, CompleteMultipartUploadRequest request) {
    return write(() -> super.completeMultipartUpload(upload, request));
  }

  @Override
  public ListObjectsV2Response list(ListObjectsV2Request request) {
    return look(() -> super.list(request));
  }

  @Override
  public HeadObjectResponse blobMetadata(HeadObjectRequest request) {
    return look(() -> super.blobMetadata(request));
  }

  @Override
  public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
    return look(() -> super.getBlob(request));
  }

  private <T> T write(Use<T> use) {
    synchronized (turn) {
      await(() -> looking == 0);
      writing++;
    }
    try {
      return use.make();
    } finally {
      synchronized (turn) {
        writing--;
        turn.notifyAll();
      }
    }
  }

  private <T> T look(Use<T> use) {
    synchronized (turn) {
      await(() -> writing == 0);
      looking++;
    }
    try {
      return use.make();
    } finally {
      synchronized (turn) {
        looking--;
        turn.notifyAll();
      }
    }
  }

  /** Waits; the caller holds the turn. */
  private void await(BooleanSupplier condition) {
    try {
      while (!condition.getAsBoolean()) {
        turn.wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the server is stopping", e);
    }
  }
}
