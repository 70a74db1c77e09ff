// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.Atomicity;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * For file systems whose rename is atomic and does not overwrite, HDFS above all: a temporary file
 * is written, synced and closed, and then gets its name.
 *
 * <p>A rename that nobody answered is settled by deleting the temporary file. If that succeeds the
 * rename can never happen any more, however late it arrives; if there is no such file it has
 * happened. So only who can't reach the file system any more is left not knowing.
 */
final class RenamePlacement implements Placement {
  private final HadoopRoot root;
  private final HadoopErrors errors;
  private final Renaming renaming;
  private final TemporaryFiles temporaries;
  private final Atomicity atomicity;

  RenamePlacement(
      HadoopRoot root,
      HadoopErrors errors,
      Renaming renaming,
      Atomicity atomicity,
      Supplier<UUID> uuids) {
    this.root = root;
    this.errors = errors;
    this.renaming = renaming;
    this.atomicity = atomicity;
    this.temporaries = new TemporaryFiles(root, uuids);
  }

  /** Whether what has the name that we wanted is what we wanted to put there. */
  @FunctionalInterface
  interface Ours {
    boolean test(FileStatus there) throws IOException;
  }

  @Override
  public Atomicity atomicity() {
    return atomicity;
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    if (root.file(root.path(key)).isPresent()) {
      return PutResult.EXISTS;
    }
    return place(temporaries.write(content), key, there -> holds(there, content));
  }

  /** Gives a complete file its name, or removes it. */
  PutResult place(Path scratch, ObjectKey key, Ours ours) throws IOException {
    boolean won;
    try {
      won = renameIfAbsent(scratch, root.path(key));
    } catch (IOException e) {
      return settle(scratch, key, ours, e);
    }
    if (won) {
      return PutResult.CREATED;
    }
    temporaries.discard(scratch);
    return PutResult.EXISTS;
  }

  private boolean renameIfAbsent(Path scratch, Path target) throws IOException {
    try {
      return renaming.ifAbsent(scratch, target);
    } catch (FileNotFoundException e) {
      // Also if the folder has only just been removed because it was empty.
      makeFolder(target);
      return renaming.ifAbsent(scratch, target);
    }
  }

  private void makeFolder(Path target) throws IOException {
    Path folder = target.getParent();
    if (folder != null) {
      root.files().mkdirs(folder);
    }
  }

  private PutResult settle(Path scratch, ObjectKey key, Ours ours, IOException error)
      throws IOException {
    // An interrupted thread would get no answer either; it learns of it when all is settled.
    boolean interrupted = Thread.interrupted();
    try {
      if (root.files().delete(scratch, false)) {
        throw new NotPlaced();
      }
      FileStatus there =
          root.file(root.path(key))
              .orElseThrow(() -> new FileNotFoundException("neither of the two is there"));
      return ours.test(there) ? PutResult.CREATED : PutResult.EXISTS;
    } catch (NotPlaced e) {
      throw error;
    } catch (IOException e) {
      error.addSuppressed(e);
      throw new OutcomeUnknownException(
          "whether " + key + " was put in " + root + " is unknown: " + HadoopErrors.brief(error),
          error);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** It is certain that the object was not put, and never will be by this call. */
  private static final class NotPlaced extends IOException {}

  private boolean holds(FileStatus there, byte[] content) throws IOException {
    if (there.getLen() != content.length) {
      return false;
    }
    try (FSDataInputStream in = root.files().open(there.getPath())) {
      return Arrays.equals(in.readNBytes(content.length), content);
    }
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    Path scratch = temporaries.write(content);
    boolean placed = false;
    try {
      Path target = root.path(key);
      try {
        renaming.replacing(scratch, target);
      } catch (FileNotFoundException e) {
        makeFolder(target);
        renaming.replacing(scratch, target);
      }
      placed = true;
    } finally {
      if (!placed) {
        temporaries.discard(scratch);
      }
    }
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    Path scratch = temporaries.fresh();
    return new RenameUpload(this, errors, key, scratch, temporaries.create(scratch));
  }

  void sync(FSDataOutputStream out) throws IOException {
    temporaries.sync(out);
  }

  void discard(Path scratch) {
    temporaries.discard(scratch);
  }

  boolean isGone(Path scratch) throws IOException {
    return root.file(scratch).isEmpty();
  }

  /** Removes the folders that this leaves empty, but for those that each stream has. */
  @Override
  public void deleted(ObjectKey key) {
    try {
      Path folder = root.path(key).getParent();
      int depth = key.value().split("/", -1).length - 1;
      for (; folder != null && depth > 1; depth--) {
        // False, or an error, if somebody has put something there.
        if (!root.files().delete(folder, false)) {
          return;
        }
        folder = folder.getParent();
      }
    } catch (IOException e) {
      // An empty folder is no object.
    }
  }

  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    return temporaries.list();
  }

  @Override
  public void abort(PendingUpload upload) throws IOException {
    temporaries.delete(upload.id());
  }
}
