// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes a scratch file and links it to its name when it is finished. */
final class LocalUpload implements ObjectUpload {
  private final LocalObjectStore store;
  private final Path scratch;
  private final ObjectKey key;
  private final Path target;
  private final FileChannel channel;
  private long position;

  LocalUpload(LocalObjectStore store, Path scratch, ObjectKey key, Path target) throws IOException {
    this.store = store;
    this.scratch = scratch;
    this.key = key;
    this.target = target;
    this.channel =
        FileChannel.open(scratch, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int written = channel.write(source);
    position += written;
    return written;
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    long written = channel.write(sources, offset, length);
    position += written;
    return written;
  }

  @Override
  public long write(ByteBuffer[] sources) throws IOException {
    return write(sources, 0, sources.length);
  }

  @Override
  public void finish() throws IOException {
    store.sync(channel);
    channel.close();
    try {
      store.linkFresh(key, scratch, target);
    } catch (NoSuchFileException e) {
      throw Files.exists(scratch) ? e : aborted(e);
    }
    Files.deleteIfExists(scratch);
  }

  private IOException aborted(NoSuchFileException cause) {
    return new IOException(
        "the upload of "
            + key
            + " was aborted by somebody else: "
            + scratch
            + " is gone, and nothing is visible; upload it again under a fresh key",
        cause);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(scratch);
  }
}
