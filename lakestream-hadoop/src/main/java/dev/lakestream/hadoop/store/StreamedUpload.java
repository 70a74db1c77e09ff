// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.apache.hadoop.fs.FSDataOutputStream;

/** An upload through a stream of Hadoop, which takes arrays only: one copy through a small one. */
abstract class StreamedUpload implements ObjectUpload {
  private static final int CHUNK = 64 << 10;

  private final FSDataOutputStream out;
  private final byte[] chunk = new byte[CHUNK];
  private long position;
  private boolean open = true;

  StreamedUpload(FSDataOutputStream out) {
    this.out = out;
  }

  /** The stream, for those who know how it ends. */
  final FSDataOutputStream out() {
    return out;
  }

  /** An error of a write, as users are to see it. */
  abstract IOException failed(IOException e);

  @Override
  public final long position() {
    return position;
  }

  @Override
  public final boolean isOpen() {
    return open;
  }

  /** From now on nothing can be written. */
  final void end() {
    open = false;
  }

  final void requireOpen() throws ClosedChannelException {
    if (!open) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public final int write(ByteBuffer source) throws IOException {
    requireOpen();
    int written = source.remaining();
    try {
      while (source.hasRemaining()) {
        int length = Math.min(chunk.length, source.remaining());
        source.get(chunk, 0, length);
        out.write(chunk, 0, length);
        position += length;
      }
    } catch (IOException e) {
      throw failed(e);
    }
    return written;
  }

  @Override
  public final long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    long written = 0;
    for (int i = offset; i < offset + length; i++) {
      written += write(sources[i]);
    }
    return written;
  }

  @Override
  public final long write(ByteBuffer[] sources) throws IOException {
    return write(sources, 0, sources.length);
  }
}
