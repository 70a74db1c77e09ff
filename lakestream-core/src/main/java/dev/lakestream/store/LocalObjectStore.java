// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A local directory as an object store.
 *
 * <p>An object is written to a temporary file below {@code .tmp}, synced, linked to its final name
 * and the directory synced. {@code link(2)} fails if the name is taken, so it is the put-if-absent;
 * a rename would let several racing writers win. A half-written file never has a final name; one
 * that a crash left behind stays below {@code .tmp}, which no key can name.
 */
public final class LocalObjectStore implements ObjectStore {
  private static final String SCRATCH = ".tmp";

  /** How far a put goes before it returns. */
  public enum Durability {
    /** Files and directories are synced: survives a power cut. */
    SYNC,
    /** Left to the operating system: survives the death of any process, not of the machine. */
    PROCESS
  }

  private final Path root;
  private final Durability durability;
  private final Set<Path> knownDirectories = ConcurrentHashMap.newKeySet();

  private LocalObjectStore(Path root, Durability durability) {
    this.root = root;
    this.durability = durability;
  }

  /** A store below this directory, which need not exist yet; the first put creates it. */
  public static LocalObjectStore at(Path root, Durability durability) {
    Path absolute = root.toAbsolutePath().normalize();
    if (Files.exists(absolute) && !Files.isDirectory(absolute)) {
      throw new InvalidRequestException(absolute + " is a file, not a directory");
    }
    return new LocalObjectStore(absolute, durability);
  }

  /** As {@link #at(Path, Durability)} with every put synced. */
  public static LocalObjectStore at(Path root) {
    return at(root, Durability.SYNC);
  }

  @Override
  public URI root() {
    return root.toUri();
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    Path target = path(key);
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return PutResult.EXISTS;
    }
    Path scratch = writeScratch(content);
    try {
      return link(scratch, target) ? PutResult.CREATED : PutResult.EXISTS;
    } catch (IOException e) {
      // The name may be there already when the sync of its directory fails.
      throw new OutcomeUnknownException("whether " + key + " was created is unknown", e);
    } finally {
      Files.deleteIfExists(scratch);
    }
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    Path target = path(key);
    Path scratch = writeScratch(content);
    ensureDirectory(folderOf(target));
    Files.move(scratch, target, StandardCopyOption.ATOMIC_MOVE);
    sync(folderOf(target));
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    return new LocalUpload(this, newScratch(), path(key));
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    try (FileChannel channel = open(key)) {
      long size = channel.size();
      if (size > limit) {
        throw new CorruptObjectException(
            key.value(), "it has " + size + " bytes, more than the " + limit + " allowed");
      }
      byte[] content = new byte[(int) size];
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new CorruptObjectException(
              key.value(), "it ends after " + buffer.position() + " of " + size + " bytes");
        }
      }
      return content;
    }
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    try (FileChannel channel = open(key)) {
      long size = channel.size();
      if (offset < 0 || length < 0 || offset > size - length) {
        throw new CorruptObjectException(
            key.value(),
            "bytes " + offset + " to " + (offset + length) + " are wanted, it has " + size);
      }
      return MappedRegion.map(channel, offset, length);
    }
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(inside(key, path(key)), BasicFileAttributes.class);
      return attributes.isRegularFile() ? Optional.of(info(key, attributes)) : Optional.empty();
    } catch (ObjectNotFoundException | NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    List<ObjectInfo> found = new ArrayList<>();
    collect(folder.value(), path(folder), startAfter, found);
    found.sort(Comparator.comparing(ObjectInfo::key));
    return Collections.unmodifiableList(found);
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    Path target = path(key);
    if (Files.deleteIfExists(target)) {
      sync(folderOf(target));
    }
  }

  @Override
  public void close() {}

  private void collect(
      String folder, Path directory, Optional<ObjectKey> startAfter, List<ObjectInfo> found)
      throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String key = folder + "/" + entry.getFileName();
        // A foreign file that is no object can't be in the way of a listing.
        if (ObjectKey.isValid(key)) {
          collectEntry(key, entry, startAfter, found);
        }
      }
    } catch (NoSuchFileException | java.nio.file.NotDirectoryException e) {
      // An absent folder has no objects; one may vanish while it is listed.
    }
  }

  private void collectEntry(
      String key, Path entry, Optional<ObjectKey> startAfter, List<ObjectInfo> found)
      throws IOException {
    BasicFileAttributes attributes;
    try {
      attributes =
          Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if (attributes.isDirectory()) {
      collect(key, entry, startAfter, found);
    } else if (attributes.isRegularFile()
        && (startAfter.isEmpty() || key.compareTo(startAfter.get().value()) > 0)) {
      found.add(info(ObjectKey.of(key), attributes));
    }
  }

  private static ObjectInfo info(ObjectKey key, BasicFileAttributes attributes) {
    return new ObjectInfo(key, attributes.size(), attributes.lastModifiedTime().toInstant());
  }

  private Path path(ObjectKey key) {
    return root.resolve(key.value());
  }

  private FileChannel open(ObjectKey key) throws IOException {
    Path file = inside(key, path(key));
    try {
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw notFound(key, e);
    }
  }

  /** Invariant 10: a link below the root must not lead a read out of it. */
  private Path inside(ObjectKey key, Path file) throws IOException {
    try {
      Path real = file.toRealPath();
      if (!real.startsWith(root.toRealPath())) {
        throw new CorruptObjectException(key.value(), "it is a link that leads out of " + root);
      }
      return real;
    } catch (NoSuchFileException e) {
      throw notFound(key, e);
    }
  }

  private ObjectNotFoundException notFound(ObjectKey key, IOException cause) {
    ObjectNotFoundException error = new ObjectNotFoundException(key, root);
    error.initCause(cause);
    return error;
  }

  private Path newScratch() throws IOException {
    Path directory = root.resolve(SCRATCH);
    ensureDirectory(directory);
    return directory.resolve(UUID.randomUUID().toString());
  }

  private Path writeScratch(byte[] content) throws IOException {
    Path scratch = newScratch();
    try (FileChannel channel =
        FileChannel.open(scratch, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      sync(channel);
    }
    return scratch;
  }

  /** Gives a complete file its final name; false if the name is taken. */
  boolean link(Path scratch, Path target) throws IOException {
    ensureDirectory(folderOf(target));
    try {
      Files.createLink(target, scratch);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
    sync(folderOf(target));
    return true;
  }

  void sync(FileChannel channel) throws IOException {
    if (durability == Durability.SYNC) {
      channel.force(true);
    }
  }

  private void sync(Path directory) throws IOException {
    if (durability == Durability.SYNC) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private Path folderOf(Path file) {
    Path parent = file.getParent();
    return parent == null ? root : parent;
  }

  private void ensureDirectory(Path directory) throws IOException {
    if (knownDirectories.contains(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      Path parent = directory.getParent();
      if (parent != null) {
        ensureDirectory(parent);
      }
      try {
        Files.createDirectory(directory);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(directory)) {
          throw e;
        }
      }
      if (parent != null) {
        sync(parent);
      }
    }
    knownDirectories.add(directory);
  }
}
