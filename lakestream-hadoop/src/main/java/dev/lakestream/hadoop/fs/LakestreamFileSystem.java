// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.ContentSummary;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathFilter;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * A stream as Hadoop's tools see it ({@code docs/hadoop.md}): what is committed can be read, what
 * is staged can be made a step.
 *
 * <p>The view is that of the moment when this was opened. {@code FileSystem.get} shares one
 * instance for as long as the process lives; {@code FileSystem.newInstance} opens a newer view.
 *
 * <p>Thread-safe, as Hadoop wants it.
 */
public class LakestreamFileSystem extends RefusingFileSystem {
  static {
    Configuration.addDefaultResource("lakestream-default.xml");
  }

  private static final String BLOCK_SIZE = "fs.lakestream.block.size";

  @SuppressWarnings("NullAway.Init") // Hadoop constructs first and initializes then.
  private URI uri;

  @SuppressWarnings("NullAway.Init")
  private MountedStreams streams;

  @SuppressWarnings("NullAway.Init")
  private Statuses statuses;

  @SuppressWarnings("NullAway.Init")
  private StagedWrites staging;

  private Path workingDirectory = new Path("/");

  /** Constructs one that is still to be initialized; called by Hadoop. */
  public LakestreamFileSystem() {}

  @Override
  public String getScheme() {
    return Mount.SCHEME;
  }

  @Override
  public void initialize(URI name, Configuration configuration) throws IOException {
    super.initialize(name, configuration);
    setConf(configuration);
    Mount mount = Failures.of(new Path("/"), () -> Mount.of(name, configuration));
    uri = mount.uri();
    workingDirectory = new Path(uri.toString() + "/");
    statuses = new Statuses(configuration.getLongBytes(BLOCK_SIZE, 128L << 20));
    streams =
        Failures.of(
            workingDirectory,
            () -> MountedStreams.open(mount, openStore(mount), Environment.system()));
    staging = new StagedWrites(streams);
  }

  /** Opens the store behind a mount. */
  ObjectStore openStore(Mount mount) {
    return mount.open();
  }

  @Override
  public URI getUri() {
    return uri;
  }

  /** There are no tokens to get: credentials are the store's own affair. */
  @Override
  @SuppressWarnings("NullAway") // Hadoop's way to say that there is none.
  public String getCanonicalServiceName() {
    return null;
  }

  @Override
  public long getDefaultBlockSize(Path path) {
    return statuses.blockSize();
  }

  @Override
  public Path getWorkingDirectory() {
    return workingDirectory;
  }

  @Override
  public void setWorkingDirectory(Path directory) {
    workingDirectory = fixRelativePart(directory);
  }

  @Override
  public Path getHomeDirectory() {
    return makeQualified(new Path("/"));
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    Path absolute = absolute(path);
    return Failures.of(
        absolute,
        () -> {
          StreamPath place = StreamPath.of(absolute);
          return statuses.of(absolute, place, streams.tree(place).find(place.names()));
        });
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    List<FileStatus> all = new ArrayList<>();
    RemoteIterator<FileStatus> iterator = listStatusIterator(path);
    while (iterator.hasNext()) {
      all.add(iterator.next());
    }
    return all.toArray(FileStatus[]::new);
  }

  @Override
  public RemoteIterator<FileStatus> listStatusIterator(Path path) throws IOException {
    FileStatus status = getFileStatus(path);
    if (status.isFile()) {
      return Listings.of(List.of(status), same -> same);
    }
    Path absolute = status.getPath();
    return Failures.of(
        absolute,
        () -> {
          StreamPath place = StreamPath.of(absolute);
          return Listings.of(
              Listings.failingAt(absolute, streams.tree(place).list(place.names())),
              entry -> statuses.of(new Path(absolute, entry.name()), place, entry));
        });
  }

  @Override
  protected RemoteIterator<LocatedFileStatus> listLocatedStatus(Path path, PathFilter filter)
      throws IOException {
    return Listings.of(
        Listings.matching(listStatusIterator(path), status -> filter.accept(status.getPath())),
        status ->
            new LocatedFileStatus(
                status,
                status.isFile() ? getFileBlockLocations(status, 0, status.getLen()) : null));
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    Path absolute = absolute(path);
    return Failures.of(
        absolute,
        () -> {
          StreamPath place = StreamPath.of(absolute);
          Content content = streams.tree(place).open(place.names());
          return new FSDataInputStream(new ContentInput(absolute, content, statistics));
        });
  }

  @Override
  public BlockLocation[] getFileBlockLocations(FileStatus file, long start, long length)
      throws IOException {
    BlockLocation[] virtual = super.getFileBlockLocations(file, start, length);
    if (virtual == null || virtual.length == 0) {
      return virtual;
    }
    StreamPath place = StreamPath.of(file.getPath());
    return Failures.of(file.getPath(), () -> streams.tree(place).cell(place))
        .flatMap(
            cell ->
                CellLocations.of(cell, start, Math.min(length, file.getLen() - start), getConf()))
        .orElse(virtual);
  }

  @Override
  public ContentSummary getContentSummary(Path path) throws IOException {
    StreamPath place = StreamPath.of(absolute(path));
    if (!place.names().equals(List.of(StreamPath.STEPS))) {
      return super.getContentSummary(path);
    }
    StepsBranch.Summary sum =
        Failures.of(absolute(path), () -> streams.tree(place).steps().summary());
    return new ContentSummary.Builder()
        .length(sum.bytes())
        .spaceConsumed(sum.bytes())
        .fileCount(sum.files())
        .directoryCount(sum.steps() + 1)
        .build();
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return new FSDataOutputStream(staging.create(absolute(path), overwrite), statistics);
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      Path path,
      FsPermission permission,
      EnumSet<CreateFlag> flags,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    Path parent = absolute(path).getParent();
    if (parent == null || !getFileStatus(parent).isDirectory()) {
      throw new org.apache.hadoop.fs.ParentNotDirectoryException(parent + " is no folder");
    }
    boolean overwrite = flags.contains(CreateFlag.OVERWRITE);
    return create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    staging.makeFolders(absolute(path));
    return true;
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    return staging.delete(absolute(path), recursive);
  }

  /**
   * Renames what is staged; the rename of {@code staging/<name>} to {@code steps/next} makes a step
   * of it, once, however often it is tried.
   */
  @Override
  public boolean rename(Path source, Path target) throws IOException {
    return staging.rename(absolute(source), absolute(target));
  }

  @Override
  public boolean hasPathCapability(Path path, String capability) throws IOException {
    StreamPath place = StreamPath.of(absolute(path));
    return Capabilities.ofPath(place, capability).orElse(super.hasPathCapability(path, capability));
  }

  private Path absolute(Path path) {
    checkPath(path);
    return makeQualified(path);
  }

  @Override
  public void close() throws IOException {
    try {
      super.close();
    } finally {
      if (streams != null) {
        streams.close();
      }
    }
  }
}
