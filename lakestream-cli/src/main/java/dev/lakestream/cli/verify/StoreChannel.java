// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.verify;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** An object as the channel that other people's readers want. */
final class StoreChannel implements SeekableByteChannel {
  private final ObjectStore store;
  private final ObjectKey key;
  private final long size;
  private long position;
  private boolean open = true;

  StoreChannel(ObjectStore store, ObjectKey key, long size) {
    this.store = store;
    this.key = key;
    this.size = size;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    int length = (int) Math.min(target.remaining(), size - position);
    if (length <= 0) {
      return target.hasRemaining() ? -1 : 0;
    }
    try (Region region = store.read(key, position, length)) {
      target.put(region.bytes().duplicate());
    }
    position += length;
    return length;
  }

  @Override
  public int write(ByteBuffer source) {
    throw new NonWritableChannelException();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long newPosition) {
    position = newPosition;
    return this;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public SeekableByteChannel truncate(long newSize) {
    throw new NonWritableChannelException();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }
}
