// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.PendingUpload;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * The multipart uploads that S3A has begun and nobody has finished. {@link
 * org.apache.hadoop.fs.FileSystem} can't list them, S3A can; it is asked by reflection, because its
 * jar need not be there and answers in terms of an AWS SDK that need not be ours.
 */
final class S3aUploads {
  private final HadoopRoot root;

  S3aUploads(HadoopRoot root) {
    this.root = root;
  }

  /** All of them below the root; none where S3A is not asked. */
  List<PendingUpload> list() throws IOException {
    if (!isS3a()) {
      return List.of();
    }
    List<PendingUpload> pending = new ArrayList<>();
    RemoteIterator<?> uploads =
        (RemoteIterator<?>) call(root.files(), "listUploads", name(root.root()));
    while (uploads.hasNext()) {
      Object upload = uploads.next();
      String name = (String) call(upload, "key");
      Optional<ObjectKey> key = root.key(new Path("/" + name));
      if (key.isPresent()) {
        String id = (String) call(upload, "uploadId");
        pending.add(new PendingUpload(id, key, 0, (Instant) call(upload, "initiated")));
      }
    }
    pending.sort(Comparator.comparing(PendingUpload::id));
    return List.copyOf(pending);
  }

  void abort(PendingUpload upload) throws IOException {
    ObjectKey key =
        upload
            .key()
            .orElseThrow(() -> new IOException("an upload without a key is none of " + root));
    try {
      call(root.files(), "abortMultipartUpload", name(root.path(key)), upload.id());
    } catch (IOException e) {
      boolean gone =
          HadoopErrors.causedBy(e, FileNotFoundException.class)
              || HadoopErrors.causedBy(e, "NoSuchUploadException");
      // Finished, or aborted already.
      if (!gone) {
        throw e;
      }
    }
  }

  private boolean isS3a() {
    return root.files().getScheme().equals("s3a");
  }

  /** What S3 calls it. */
  private static String name(Path path) {
    return path.toUri().getPath().substring(1);
  }

  private static Object call(Object target, String method, String... arguments) throws IOException {
    Class<?>[] types = new Class<?>[arguments.length];
    Arrays.fill(types, String.class);
    try {
      return target.getClass().getMethod(method, types).invoke(target, (Object[]) arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IOException(method + " failed: " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IOException("this version of S3A has no " + method, e);
    }
  }
}
