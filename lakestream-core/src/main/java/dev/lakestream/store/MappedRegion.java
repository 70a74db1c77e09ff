// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicBoolean;

/** A mapped range of a file, unmapped when closed rather than when the collector finds it. */
public final class MappedRegion implements Region {
  private final MappedByteBuffer mapped;
  private final ByteBuffer bytes;
  private final AtomicBoolean closed = new AtomicBoolean();

  private MappedRegion(MappedByteBuffer mapped) {
    this.mapped = mapped;
    this.bytes = mapped.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Maps a range of an open file, which may be closed afterwards. It can only be read. */
  public static Region map(FileChannel channel, long offset, int length) throws IOException {
    return new MappedRegion(channel.map(FileChannel.MapMode.READ_ONLY, offset, length));
  }

  @Override
  public ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (mapped.capacity() > 0 && closed.compareAndSet(false, true)) {
      OffHeapMemory.free(mapped);
    }
  }
}
