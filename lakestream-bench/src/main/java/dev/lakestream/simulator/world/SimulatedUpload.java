// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import dev.lakestream.store.ObjectUpload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/** An upload in parts, of which nothing arrives before its end. */
final class SimulatedUpload implements ObjectUpload {
  private final End end;
  private final ByteArrayOutputStream content = new ByteArrayOutputStream();
  private boolean open = true;

  /** What completes an upload. */
  @FunctionalInterface
  interface End {
    void take(byte[] content) throws IOException;
  }

  SimulatedUpload(End end) {
    this.end = end;
  }

  @Override
  public long position() {
    return content.size();
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    checkOpen();
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    content.writeBytes(bytes);
    return bytes.length;
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

  @Override
  public void finish() throws IOException {
    checkOpen();
    open = false;
    end.take(content.toByteArray());
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }

  private void checkOpen() throws ClosedChannelException {
    if (!open) {
      throw new ClosedChannelException();
    }
  }
}
