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
import java.util.List;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileAlreadyExistsException;

/**
 * For object stores that create a file under its name when it is closed, whole, and only if there
 * is none: S3A, and what else declares {@link #CAPABILITY}. Who loses learns it when closing.
 */
final class CreatePlacement implements Placement {
  /** What a file system declares that can create a file if there is none, when it is closed. */
  static final String CAPABILITY = "fs.option.create.conditional.overwrite";

  private final HadoopRoot root;
  private final HadoopErrors errors;
  private final S3aUploads uploads;

  CreatePlacement(HadoopRoot root, HadoopErrors errors) {
    this.root = root;
    this.errors = errors;
    this.uploads = new S3aUploads(root);
  }

  /** What serves the bucket, the client can't know. */
  @Override
  public Atomicity atomicity() {
    return Atomicity.unproven();
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    FSDataOutputStream out;
    try {
      out = createIfAbsent(key);
    } catch (FileAlreadyExistsException e) {
      return PutResult.EXISTS;
    }
    writeOrAbort(out, content);
    try {
      out.close();
      return PutResult.CREATED;
    } catch (IOException e) {
      if (isTaken(e)) {
        return PutResult.EXISTS;
      }
      if (isRefused(e)) {
        throw e;
      }
      throw new OutcomeUnknownException(
          "whether " + key + " was put in " + root + " is unknown: " + HadoopErrors.brief(e), e);
    }
  }

  /** Nothing is sent before the end, so nothing that fails before can have been put. */
  private static void writeOrAbort(FSDataOutputStream out, byte[] content) throws IOException {
    boolean complete = false;
    try {
      out.write(content);
      complete = true;
    } finally {
      if (!complete) {
        out.abort();
      }
    }
  }

  /** A stream that creates the file when it is closed, if there is none. */
  private FSDataOutputStream createIfAbsent(ObjectKey key) throws IOException {
    FSDataOutputStreamBuilder<?, ?> builder = root.files().createFile(root.path(key));
    builder.overwrite(false);
    builder.must(CAPABILITY, true);
    return create(builder);
  }

  private static FSDataOutputStream create(FSDataOutputStreamBuilder<?, ?> builder)
      throws IOException {
    builder.recursive();
    return builder.build();
  }

  static boolean isTaken(IOException e) {
    return HadoopErrors.causedBy(e, FileAlreadyExistsException.class)
        || HadoopErrors.causedBy(e, "RemoteFileChangedException");
  }

  /** Whether the store has answered that it does no such thing. */
  private static boolean isRefused(IOException e) {
    return HadoopErrors.causedBy(e, java.nio.file.AccessDeniedException.class)
        || HadoopErrors.causedBy(e, FileNotFoundException.class)
        || HadoopErrors.causedBy(e, "NoAuthWithAWSException")
        || HadoopErrors.causedBy(e, "UnknownStoreException")
        || HadoopErrors.causedBy(e, "AWSUnsupportedFeatureException");
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    FSDataOutputStreamBuilder<?, ?> builder = root.files().createFile(root.path(key));
    builder.overwrite(true);
    FSDataOutputStream out = create(builder);
    writeOrAbort(out, content);
    out.close();
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    return new CreateUpload(root, errors, key, createIfAbsent(key));
  }

  /** A folder is nothing there. */
  @Override
  public void deleted(ObjectKey key) {}

  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    return uploads.list();
  }

  @Override
  public void abort(PendingUpload upload) throws IOException {
    uploads.abort(upload);
  }
}
