// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.apache.hadoop.fs.ByteBufferPositionedReadable;
import org.apache.hadoop.fs.ByteBufferReadable;
import org.apache.hadoop.fs.CanUnbuffer;
import org.apache.hadoop.fs.FSExceptionMessages;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileRange;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.VectoredReadUtils;

/** A {@link Content} as Hadoop's streams are: with a position, and all kinds of reads beside it. */
final class ContentInput extends FSInputStream
    implements ByteBufferReadable, ByteBufferPositionedReadable, CanUnbuffer, StreamCapabilities {
  private final Path path;
  private final Content content;
  private final FileSystem.Statistics statistics;
  private long position;
  private boolean closed;

  ContentInput(Path path, Content content, FileSystem.Statistics statistics) {
    this.path = path;
    this.content = content;
    this.statistics = statistics;
  }

  @Override
  public synchronized void seek(long wanted) throws IOException {
    requireOpen();
    if (wanted < 0) {
      throw new EOFException(FSExceptionMessages.NEGATIVE_SEEK + ": " + wanted);
    }
    if (wanted > content.length()) {
      throw new EOFException(
          FSExceptionMessages.CANNOT_SEEK_PAST_EOF + ": " + wanted + " of " + content.length());
    }
    position = wanted;
  }

  @Override
  public synchronized long getPos() {
    return position;
  }

  @Override
  public boolean seekToNewSource(long wanted) {
    return false;
  }

  @Override
  public synchronized long skip(long count) throws IOException {
    requireOpen();
    long skipped = Math.max(0, Math.min(count, content.length() - position));
    position += skipped;
    return skipped;
  }

  @Override
  public synchronized int available() throws IOException {
    requireOpen();
    return (int) Math.min(Integer.MAX_VALUE, content.length() - position);
  }

  @Override
  public synchronized int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public synchronized int read(byte[] target, int offset, int length) throws IOException {
    java.util.Objects.checkFromIndexSize(offset, length, target.length);
    return read(ByteBuffer.wrap(target, offset, length));
  }

  @Override
  public synchronized int read(ByteBuffer target) throws IOException {
    int count = read(position, target);
    position += Math.max(0, count);
    return count;
  }

  @Override
  public int read(long from, byte[] target, int offset, int length) throws IOException {
    validatePositionedReadArgs(from, target, offset, length);
    return read(from, ByteBuffer.wrap(target, offset, length));
  }

  @Override
  public synchronized int read(long from, ByteBuffer target) throws IOException {
    requireOpen();
    if (from < 0) {
      throw new EOFException(FSExceptionMessages.NEGATIVE_SEEK + ": " + from);
    }
    if (!target.hasRemaining()) {
      return 0;
    }
    if (from >= content.length()) {
      return -1;
    }
    int count = (int) Math.min(target.remaining(), content.length() - from);
    int limit = target.limit();
    target.limit(target.position() + count);
    try {
      Failures.of(path, () -> copy(from, target));
    } finally {
      target.limit(limit);
    }
    statistics.incrementBytesRead(count);
    return count;
  }

  private boolean copy(long from, ByteBuffer target) throws IOException {
    content.read(from, target);
    return true;
  }

  @Override
  public void readFully(long from, ByteBuffer target) throws IOException {
    requireWithin(from, target.remaining());
    read(from, target);
  }

  @Override
  public void readFully(long from, byte[] target, int offset, int length) throws IOException {
    validatePositionedReadArgs(from, target, offset, length);
    readFully(from, ByteBuffer.wrap(target, offset, length));
  }

  private synchronized void requireWithin(long from, int length) throws IOException {
    requireOpen();
    if (from < 0) {
      throw new EOFException(FSExceptionMessages.NEGATIVE_SEEK + ": " + from);
    }
    if (length > 0 && length > content.length() - from) {
      throw new EOFException(FSExceptionMessages.EOF_IN_READ_FULLY);
    }
  }

  /** Ranges of what is in memory after the first of them: there is nothing to read in parallel. */
  @Override
  public void readVectored(List<? extends FileRange> ranges, IntFunction<ByteBuffer> allocate)
      throws IOException {
    requireWithin(0, 0);
    for (FileRange range :
        VectoredReadUtils.validateAndSortRanges(ranges, Optional.of(content.length()))) {
      CompletableFuture<ByteBuffer> data = new CompletableFuture<>();
      range.setData(data);
      try {
        ByteBuffer target = allocate.apply(range.getLength());
        int start = target.position();
        target.limit(start + range.getLength());
        readFully(range.getOffset(), target);
        target.position(start);
        data.complete(target);
      } catch (IOException | RuntimeException e) {
        data.completeExceptionally(e);
      }
    }
  }

  @Override
  public boolean hasCapability(String capability) {
    return switch (capability.toLowerCase(Locale.ROOT)) {
      case StreamCapabilities.VECTOREDIO,
          StreamCapabilities.READBYTEBUFFER,
          StreamCapabilities.PREADBYTEBUFFER,
          StreamCapabilities.UNBUFFER ->
          true;
      default -> false;
    };
  }

  @Override
  public synchronized void unbuffer() {
    content.release();
  }

  @Override
  public synchronized void close() {
    closed = true;
    content.release();
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException(FSExceptionMessages.STREAM_IS_CLOSED);
    }
  }
}
