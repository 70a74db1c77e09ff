// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.PendingUpload;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;

/**
 * The files that are yet to get their name, or never will. They are below {@code .tmp}, which no
 * key can name.
 */
final class TemporaryFiles {
  private static final String FOLDER = ".tmp";
  private static final int BUFFER = 64 << 10;

  private final FileSystem files;
  private final Path folder;
  private final Supplier<UUID> uuids;

  TemporaryFiles(HadoopRoot root, Supplier<UUID> uuids) {
    this.files = root.files();
    this.folder = new Path(root.root(), FOLDER);
    this.uuids = uuids;
  }

  /** A name that nobody else has. */
  Path fresh() {
    return new Path(folder, uuids.get().toString());
  }

  /**
   * Creates a file. What is written to it is on the disks of HDFS once it is closed ({@code
   * SYNC_BLOCK}: block by block, so that even of a large file nothing is left to caches).
   */
  FSDataOutputStream create(Path file) throws IOException {
    return files.create(
        file,
        FsPermission.getFileDefault(),
        EnumSet.of(CreateFlag.CREATE, CreateFlag.SYNC_BLOCK),
        BUFFER,
        files.getDefaultReplication(file),
        files.getDefaultBlockSize(file),
        null);
  }

  /** Writes a file, whole and durably, or leaves none. */
  Path write(byte[] content) throws IOException {
    Path file = fresh();
    boolean complete = false;
    try {
      try (FSDataOutputStream out = create(file)) {
        out.write(content);
        sync(out);
      }
      complete = true;
      return file;
    } finally {
      if (!complete) {
        discard(file);
      }
    }
  }

  /** Makes durable what other file systems than HDFS leave to this call. */
  void sync(FSDataOutputStream out) throws IOException {
    if (!(files instanceof DistributedFileSystem) && out.hasCapability(StreamCapabilities.HSYNC)) {
      out.hsync();
    }
  }

  /** Removes a file that nobody wants; if that fails it is left for vacuum. */
  void discard(Path file) {
    // A thread that was interrupted, as a speculative task is, would not get an answer from HDFS.
    boolean interrupted = Thread.interrupted();
    try {
      files.delete(file, false);
    } catch (IOException e) {
      // Listed by pendingUploads() until somebody succeeds.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** All of them; which key a file is to get, its writer alone knows. */
  List<PendingUpload> list() throws IOException {
    FileStatus[] found;
    try {
      found = files.listStatus(folder);
    } catch (FileNotFoundException e) {
      return List.of();
    }
    List<PendingUpload> pending = new ArrayList<>();
    for (FileStatus file : found) {
      if (file.isFile() && isName(file.getPath().getName())) {
        pending.add(
            new PendingUpload(
                file.getPath().getName(),
                Optional.empty(),
                file.getLen(),
                Instant.ofEpochMilli(file.getModificationTime())));
      }
    }
    pending.sort(Comparator.comparing(PendingUpload::id));
    return List.copyOf(pending);
  }

  /** Deletes one that {@link #list} named; an object that was made of it stays (invariant 10). */
  void delete(String id) throws IOException {
    if (isName(id)) {
      files.delete(new Path(folder, id), false);
    }
  }

  private static boolean isName(String name) {
    try {
      return UUID.fromString(name).toString().equals(name);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
