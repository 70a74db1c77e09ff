// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.ObjectKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import org.apache.hadoop.fs.FSDataOutputStream;

/** Streams to where the object is to be; it appears when the stream is closed. */
final class CreateUpload extends StreamedUpload {
  private final HadoopRoot root;
  private final HadoopErrors errors;
  private final ObjectKey key;

  CreateUpload(HadoopRoot root, HadoopErrors errors, ObjectKey key, FSDataOutputStream out) {
    super(out);
    this.root = root;
    this.errors = errors;
    this.key = key;
  }

  @Override
  IOException failed(IOException e) {
    return errors.of("upload of " + key, e);
  }

  @Override
  public void finish() throws IOException {
    requireOpen();
    end();
    long size = position();
    try {
      out().close();
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("NoSuchUpload")) {
        throw new IOException(
            "the upload of "
                + key
                + " was aborted by somebody else, and nothing is visible; upload it again under a"
                + " fresh key",
            e);
      }
      if (CreatePlacement.isTaken(e)) {
        throw new FileAlreadyExistsException(key.value());
      }
      // The key is nobody else's, so what is there and has our length is ours.
      if (root.file(root.path(key)).filter(there -> there.getLen() == size).isEmpty()) {
        throw failed(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (isOpen()) {
      end();
      out().abort();
    }
  }
}
