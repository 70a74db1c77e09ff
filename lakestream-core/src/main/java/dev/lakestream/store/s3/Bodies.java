// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32C;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;

/** What is sent, without a copy of it, and its checksum. */
final class Bodies {
  private static final String TYPE = "application/octet-stream";

  private Bodies() {}

  /** The bytes, which must not change until the request is over. */
  static RequestBody of(byte[] content) {
    return RequestBody.fromContentProvider(
        ContentStreamProvider.fromByteArrayUnsafe(content), content.length, TYPE);
  }

  /** The remaining bytes, which must not change until the request is over. */
  static RequestBody of(ByteBuffer content) {
    return RequestBody.fromContentProvider(
        ContentStreamProvider.fromInputStreamSupplier(() -> new BufferStream(content.duplicate())),
        content.remaining(),
        TYPE);
  }

  /** CRC32C of the remaining bytes, as S3 writes it. */
  static String crc32c(ByteBuffer content) {
    CRC32C crc = new CRC32C();
    crc.update(content.duplicate());
    byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static final class BufferStream extends InputStream {
    private final ByteBuffer rest;

    BufferStream(ByteBuffer rest) {
      this.rest = rest;
    }

    @Override
    public int read() {
      return rest.hasRemaining() ? rest.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      if (!rest.hasRemaining()) {
        return -1;
      }
      int read = Math.min(length, rest.remaining());
      rest.get(target, offset, read);
      return read;
    }

    @Override
    public int available() {
      return rest.remaining();
    }
  }
}
