// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.apache.hadoop.fs.StreamCapabilities;

/** A file that is being staged: it is there, whole, once it is closed. Not thread-safe. */
final class StagedOutput extends OutputStream implements StreamCapabilities {
  private static final int BUFFER_BYTES = 1 << 20;

  private final ObjectStore store;
  private final ObjectKey key;
  private final boolean overwrite;
  private final ObjectUpload upload;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private boolean closed;

  /**
   * Begins a file.
   *
   * @param overwrite whether it replaces one of this name; otherwise closing it fails if there is
   *     one
   */
  StagedOutput(ObjectStore store, ObjectKey key, boolean overwrite) throws IOException {
    this.store = store;
    this.key = key;
    this.overwrite = overwrite;
    this.upload = store.upload(key);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    requireOpen();
    java.util.Objects.checkFromIndexSize(offset, length, source.length);
    ByteBuffer bytes = ByteBuffer.wrap(source, offset, length);
    while (bytes.hasRemaining()) {
      if (!buffer.hasRemaining()) {
        drain();
      }
      int count = Math.min(buffer.remaining(), bytes.remaining());
      buffer.put(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
    }
  }

  private void drain() throws IOException {
    writeAll(upload, buffer.flip());
    buffer.clear();
  }

  /** Writes until nothing remains. */
  static void writeAll(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Nothing is visible before the file is closed, so there is nothing to flush to. */
  @Override
  public void flush() throws IOException {
    requireOpen();
  }

  @Override
  public boolean hasCapability(String capability) {
    return false;
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("the staged file " + key + " is closed");
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (upload) {
      drain();
      if (overwrite) {
        store.delete(key);
      }
      upload.finish();
    }
  }
}
