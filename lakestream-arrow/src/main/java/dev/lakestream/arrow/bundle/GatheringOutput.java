// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Hands buffers to an upload as they are, many at a time. */
final class GatheringOutput {
  private static final int MAX_BUFFERS = 1024;
  private static final long MAX_BYTES = 16 << 20;

  private final ObjectUpload upload;
  private final List<ByteBuffer> pending = new ArrayList<>(MAX_BUFFERS);
  private long pendingBytes;
  private long position;

  GatheringOutput(ObjectUpload upload) {
    this.upload = upload;
  }

  /** Bytes given so far. */
  long position() {
    return position;
  }

  /** Takes a buffer, which must not change before the next {@link #flush}. */
  void write(ByteBuffer buffer) throws IOException {
    position += buffer.remaining();
    pendingBytes += buffer.remaining();
    pending.add(buffer);
    if (pending.size() == MAX_BUFFERS || pendingBytes >= MAX_BYTES) {
      flush();
    }
  }

  void align() throws IOException {
    write(Alignment.padding(position));
  }

  void flush() throws IOException {
    ByteBuffer[] buffers = pending.toArray(new ByteBuffer[0]);
    int first = 0;
    while (first < buffers.length) {
      if (buffers[first].hasRemaining()) {
        upload.write(buffers, first, buffers.length - first);
      } else {
        first++;
      }
    }
    pending.clear();
    pendingBytes = 0;
  }
}
