// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.store.MemoryPool;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.OffHeapMemory;
import dev.lakestream.store.Region;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileRange;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.client.HdfsDataInputStream;
import org.apache.hadoop.util.functional.FutureIO;

/**
 * Reads into memory outside of the heap, by the shortest way that a file system has: positioned
 * reads into it (HDFS), vectored reads into it (S3A), or else through a small array.
 */
final class HadoopReads {
  private static final int CHUNK = 128 << 10;

  private final HadoopRoot root;
  private final MemoryPool memory;

  HadoopReads(HadoopRoot root, MemoryPool memory) {
    this.root = root;
    this.memory = memory;
  }

  /** A small object; refused before anything is allocated if it is larger than the limit. */
  byte[] whole(ObjectKey key, int limit) throws IOException {
    try (Opened file = open(key)) {
      if (file.size() > limit) {
        throw new CorruptObjectException(
            key.value(), "it has " + file.size() + " bytes, more than the " + limit + " allowed");
      }
      byte[] content = new byte[(int) file.size()];
      file.in().readFully(content);
      return content;
    } catch (EOFException e) {
      throw new CorruptObjectException(key.value(), "it ends too early", e);
    }
  }

  Region range(ObjectKey key, long offset, int length) throws IOException {
    try (Opened file = open(key)) {
      // Before anything is allocated (invariant 10).
      if (offset < 0 || length < 0 || offset > file.size() - length) {
        throw new CorruptObjectException(
            key.value(),
            "bytes " + offset + " to " + (offset + length) + " are wanted, it has " + file.size());
      }
      return read(file.in(), offset, length);
    } catch (EOFException e) {
      throw new CorruptObjectException(key.value(), "it ends before byte " + (offset + length), e);
    }
  }

  private Region read(FSDataInputStream in, long offset, int length) throws IOException {
    OffHeapMemory region = memory.take(length);
    boolean complete = false;
    try {
      fill(in, offset, region.bytes().duplicate());
      complete = true;
      return region;
    } finally {
      if (!complete) {
        region.close();
      }
    }
  }

  /** A file and how long it is. */
  private record Opened(FSDataInputStream in, long size) implements Closeable {
    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  private Opened open(ObjectKey key) throws IOException {
    Path path = root.path(key);
    try {
      if (root.files() instanceof DistributedFileSystem) {
        // Its answer to an open says how long the file is, so there is nothing else to ask.
        FSDataInputStream in = root.files().open(path);
        return new Opened(in, ((HdfsDataInputStream) in).getVisibleLength());
      }
      FileStatus status = root.file(path).orElseThrow(() -> new ObjectNotFoundException(key, root));
      FSDataInputStream in =
          FutureIO.awaitFuture(root.files().openFile(path).withFileStatus(status).build());
      return new Opened(in, status.getLen());
    } catch (IOException e) {
      if (!HadoopRoot.isMissing(e)) {
        throw e;
      }
      ObjectNotFoundException missing = new ObjectNotFoundException(key, root);
      missing.initCause(e);
      throw missing;
    }
  }

  private static void fill(FSDataInputStream in, long offset, ByteBuffer target)
      throws IOException {
    if (!target.hasRemaining()) {
      return;
    }
    if (in.hasCapability(StreamCapabilities.PREADBYTEBUFFER)) {
      in.readFully(offset, target);
    } else if (in.hasCapability(StreamCapabilities.VECTOREDIO)) {
      fillVectored(in, offset, target);
    } else {
      fillThroughArray(in, offset, target);
    }
  }

  private static void fillVectored(FSDataInputStream in, long offset, ByteBuffer target)
      throws IOException {
    int length = target.remaining();
    FileRange range = FileRange.createFileRange(offset, length);
    AtomicBoolean direct = new AtomicBoolean();
    in.readVectored(
        List.of(range),
        wanted -> {
          boolean fits = wanted == length && direct.compareAndSet(false, true);
          return fits ? target : ByteBuffer.allocate(wanted);
        });
    ByteBuffer data = FutureIO.awaitFuture(range.getData());
    if (data.limit() != length) {
      throw new EOFException(data.limit() + " of " + length + " bytes came");
    }
    if (!direct.get()) {
      target.put(data);
    }
  }

  private static void fillThroughArray(FSDataInputStream in, long offset, ByteBuffer target)
      throws IOException {
    byte[] chunk = new byte[Math.min(CHUNK, target.remaining())];
    long position = offset;
    while (target.hasRemaining()) {
      int length = Math.min(chunk.length, target.remaining());
      in.readFully(position, chunk, 0, length);
      target.put(chunk, 0, length);
      position += length;
    }
  }
}
