// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;

/** Writes a temporary file and gives it its name when it is finished. */
final class RenameUpload extends StreamedUpload {
  private final RenamePlacement placement;
  private final HadoopErrors errors;
  private final ObjectKey key;
  private final Path scratch;
  private boolean settled;

  RenameUpload(
      RenamePlacement placement,
      HadoopErrors errors,
      ObjectKey key,
      Path scratch,
      FSDataOutputStream out) {
    super(out);
    this.placement = placement;
    this.errors = errors;
    this.key = key;
    this.scratch = scratch;
  }

  @Override
  IOException failed(IOException e) {
    return errors.of("upload of " + key, e);
  }

  @Override
  public void finish() throws IOException {
    requireOpen();
    long size = position();
    try {
      placement.sync(out());
      out().close();
    } catch (IOException e) {
      throw wasAborted() ? aborted(e) : failed(e);
    }
    if (wasAborted()) {
      throw aborted(new IOException(scratch + " is gone"));
    }
    settled = true;
    PutResult result = place(size);
    end();
    if (result == PutResult.EXISTS) {
      throw new FileAlreadyExistsException(key.value());
    }
  }

  private PutResult place(long size) throws IOException {
    try {
      // The key is nobody else's, so what is there and has our length is ours.
      return placement.place(scratch, key, there -> there.getLen() == size);
    } catch (OutcomeUnknownException e) {
      throw e;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private boolean wasAborted() throws IOException {
    return placement.isGone(scratch);
  }

  private IOException aborted(IOException cause) {
    return new IOException(
        "the upload of "
            + key
            + " was aborted by somebody else, and nothing is visible; upload it again under a fresh"
            + " key",
        cause);
  }

  @Override
  public void close() throws IOException {
    boolean unfinished = isOpen() && !settled;
    end();
    if (!unfinished) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      out().close();
    } catch (IOException e) {
      // Of a file that nobody wants.
    } finally {
      placement.discard(scratch);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
