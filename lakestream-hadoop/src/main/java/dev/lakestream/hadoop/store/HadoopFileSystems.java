// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.Atomicity;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.web.WebHdfsFileSystem;
import org.jspecify.annotations.Nullable;

/**
 * Which file systems can keep a stream, and how. What is not known to give a name to one writer
 * only is refused, with the reason: a commit must have one winner (invariant 5).
 */
final class HadoopFileSystems {
  /** Their rename is one operation of the server and overwrites nothing, as they document. */
  private static final Set<String> RENAMING = Set.of("abfs", "abfss", "ofs", "o3fs");

  /** Nobody need be asked. */
  private static final Set<String> NEVER = Set.of("ftp", "sftp", "wasb", "wasbs");

  private HadoopFileSystems() {}

  /** Opens the file system of a URI, or the one that is mounted there. */
  static HadoopRoot connect(URI uri, Configuration configuration) {
    if (NEVER.contains(uri.getScheme())) {
      throw new InvalidRequestException(
          "no stream can be kept in "
              + uri
              + ": "
              + notAtomic("a file system of " + uri.getScheme()));
    }
    if (uri.getPath() == null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new InvalidRequestException(
          "'" + uri + "' is no directory: " + uri.getScheme() + "://authority/path is wanted");
    }
    if (uri.getRawUserInfo() != null && !uri.getScheme().startsWith("abfs")) {
      throw new InvalidRequestException(
          "credentials are no part of a URI, which is logged and stored: mend the URI");
    }
    FileSystem files = null;
    try {
      files = FileSystem.newInstance(uri, configuration);
      Path asked = files.makeQualified(new Path(uri.getPath().isEmpty() ? "/" : uri.getPath()));
      Path mounted = uri.getScheme().equals("viewfs") ? resolve(files, asked) : asked;
      if (uri.getScheme().equals("viewfs")) {
        if (mounted.toUri().getScheme().equals("viewfs")) {
          throw new FileNotFoundException(
              "nothing is mounted there, or what is mounted does not exist; name a path below a"
                  + " mount point, and create what it leads to");
        }
        files.close();
        files = FileSystem.newInstance(mounted.toUri(), configuration);
      }
      return new HadoopRoot(files, mounted, asked.toUri());
    } catch (IOException | RuntimeException e) {
      closeQuietly(files);
      throw new InvalidRequestException(
          "the file system of " + uri + " can't be opened: " + reason(uri, e), e);
    }
  }

  private static String reason(URI uri, Exception e) {
    if (e.getCause() instanceof UnknownHostException) {
      return "nobody knows the host or nameservice " + e.getCause().getMessage();
    }
    if (e instanceof UnsupportedFileSystemException
        || HadoopErrors.causedBy(e, ClassNotFoundException.class)) {
      return "the connector of "
          + uri.getScheme()
          + ": is not on the class path ("
          + HadoopErrors.brief(e)
          + ")";
    }
    return HadoopErrors.brief(e);
  }

  private static void closeQuietly(@Nullable FileSystem files) {
    try {
      if (files != null) {
        files.close();
      }
    } catch (IOException e) {
      // Of what could not be used anyway.
    }
  }

  /** Where a mount point leads, also to what does not exist yet. */
  private static Path resolve(FileSystem files, Path path) throws IOException {
    try {
      return files.resolvePath(path);
    } catch (FileNotFoundException e) {
      Path parent = path.getParent();
      if (parent == null) {
        throw e;
      }
      return new Path(resolve(files, parent), path.getName());
    }
  }

  /** How objects get their names there. */
  static Placement placement(HadoopRoot root, HadoopErrors errors, Supplier<UUID> uuids) {
    try {
      return choose(root, errors, uuids);
    } catch (InvalidRequestException e) {
      closeQuietly(root.files());
      throw e;
    } catch (IOException | RuntimeException e) {
      closeQuietly(root.files());
      throw new InvalidRequestException(
          root + " does not say what it can do: " + HadoopErrors.brief(e), e);
    }
  }

  private static Placement choose(HadoopRoot root, HadoopErrors errors, Supplier<UUID> uuids)
      throws IOException {
    FileSystem files = root.files();
    if (files instanceof DistributedFileSystem hdfs) {
      return new RenamePlacement(root, errors, Renaming.of(hdfs), Atomicity.certain(), uuids);
    }
    if (files instanceof WebHdfsFileSystem hdfs) {
      return new RenamePlacement(root, errors, Renaming.of(hdfs), Atomicity.certain(), uuids);
    }
    // Asked for rather than tried: some take the option of a create and overwrite all the same.
    if (files.hasPathCapability(root.root(), CreatePlacement.CAPABILITY)) {
      return new CreatePlacement(root, errors);
    }
    String scheme = root.root().toUri().getScheme();
    if (RENAMING.contains(scheme)) {
      requireHierarchy(root, scheme);
      return new RenamePlacement(root, errors, Renaming.plain(files), Atomicity.unproven(), uuids);
    }
    throw new InvalidRequestException(
        "no stream can be kept in " + root + ": " + why(files, root.root(), scheme));
  }

  /** Without a hierarchical name space a rename at Azure is a copy, and then a delete. */
  private static void requireHierarchy(HadoopRoot root, String scheme) throws IOException {
    if (scheme.startsWith("abfs")
        && !root.files()
            .hasPathCapability(root.root(), CommonPathCapabilities.ETAGS_PRESERVED_IN_RENAME)) {
      throw new InvalidRequestException(
          "no stream can be kept in "
              + root
              + ": the storage account has no hierarchical name space, and without it a rename is"
              + " not atomic; use an account that has one");
    }
  }

  private static String why(FileSystem files, Path path, String scheme) {
    String name = files.getClass().getSimpleName();
    return switch (scheme) {
      case "file" ->
          "Hadoop's local file system ("
              + name
              + ") lets several of those who race to create or rename a file win; use the same"
              + " directory as "
              + path.toUri().getPath()
              + " or file://"
              + path.toUri().getPath()
              + ", which Lakestream writes to by itself";
      case "s3a" ->
          "this S3A (" + name + ") has no conditional create; use Hadoop 3.4.2 or newer, or s3:";
      default -> notAtomic(name);
    };
  }

  private static String notAtomic(String name) {
    return name
        + " has neither an atomic rename that we know of nor the path capability "
        + CreatePlacement.CAPABILITY
        + ", so two writers could commit the same version; use hdfs:, s3a:, s3: or a directory";
  }
}
