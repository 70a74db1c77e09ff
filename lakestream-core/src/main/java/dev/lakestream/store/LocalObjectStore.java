// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
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
  private static final int REMEMBERED_DIRECTORIES = 4096;

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

  /** {@code link(2)} has one winner: races need not prove it again for each stream. */
  @Override
  public Atomicity atomicity() {
    return Atomicity.certain();
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    Path target = target(key);
    boolean created = false;
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      Path scratch = writeScratch(content);
      try {
        created = link(scratch, target);
      } finally {
        Files.deleteIfExists(scratch);
      }
    }
    try {
      // Also for the loser: it builds on the winner's object, which must survive as its own will.
      sync(folderOf(target));
    } catch (IOException e) {
      throw new OutcomeUnknownException("whether " + key + " is durable is unknown", e);
    }
    return created ? PutResult.CREATED : PutResult.EXISTS;
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    Path target = target(key);
    Path scratch = writeScratch(content);
    try {
      Files.move(scratch, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(scratch);
    }
    sync(folderOf(target));
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    return new LocalUpload(this, newScratch(), key, target(key));
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
    Optional<Path> file = find(key, path(key));
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file.get(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile() ? Optional.of(info(key, attributes)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    List<ObjectInfo> found = new ArrayList<>();
    if (find(folder, path(folder)).isPresent()) {
      collect(folder.value(), path(folder), startAfter, found);
    }
    found.sort(Comparator.comparing(ObjectInfo::key));
    return Collections.unmodifiableList(found);
  }

  @Override
  public List<String> folders(Optional<ObjectKey> below) throws IOException {
    if (below.isPresent() && find(below.get(), path(below.get())).isEmpty()) {
      return List.of();
    }
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(below.map(this::path).orElse(root))) {
      List<String> found = new ArrayList<>();
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (ObjectKey.isValid(name) && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          found.add(name);
        }
      }
      Collections.sort(found);
      return Collections.unmodifiableList(found);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    Path target = path(key);
    if (find(key, folderOf(target)).filter(Files::isDirectory).isPresent()
        && !Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)
        && Files.deleteIfExists(target)) {
      sync(folderOf(target));
    }
  }

  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    return scratchFiles().list();
  }

  @Override
  public void abort(PendingUpload upload) throws IOException {
    scratchFiles().delete(upload.id());
  }

  @Override
  public void close() {}

  private ScratchFiles scratchFiles() {
    return new ScratchFiles(root.resolve(SCRATCH));
  }

  private void collect(
      String folder, Path directory, Optional<ObjectKey> startAfter, List<ObjectInfo> found)
      throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String key = folder + "/" + entry.getFileName();
        // A foreign file that is no object can't be in the way of a listing.
        if (!isPassed(key, startAfter) && ObjectKey.isValid(key)) {
          collectEntry(key, entry, startAfter, found);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      // An absent folder has no objects; one may vanish while it is listed.
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** Whether neither this key nor any below it comes after that one: then no file is looked at. */
  private static boolean isPassed(String key, Optional<ObjectKey> startAfter) {
    String below = key + "/";
    return startAfter
        .map(ObjectKey::value)
        .filter(after -> key.compareTo(after) <= 0)
        .filter(after -> below.compareTo(after) < 0 && !after.startsWith(below))
        .isPresent();
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

  /** Where an object is to be created; its folder exists afterwards, and is one below the root. */
  private Path target(ObjectKey key) throws IOException {
    Path target = path(key);
    Path folder = folderOf(target);
    ensureDirectoryNow(folder);
    find(key, folder);
    return target;
  }

  private FileChannel open(ObjectKey key) throws IOException {
    Path file = find(key, path(key)).orElseThrow(() -> new ObjectNotFoundException(key, root));
    // Nothing but a file is an object; opening a pipe would wait for its writer for ever.
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new ObjectNotFoundException(key, root);
    }
    try {
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw notFound(key, e);
    }
  }

  /**
   * The real path of what has this name, or empty if nothing has it.
   *
   * <p>Invariant 10: a link below the root must not lead out of it.
   */
  private Optional<Path> find(ObjectKey key, Path file) throws IOException {
    Path real;
    try {
      real = file.toRealPath();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (FileSystemException e) {
      if (hasFileAmongFolders(file)) {
        return Optional.empty();
      }
      throw e;
    }
    if (!real.startsWith(root.toRealPath())) {
      throw linkOut(key.value());
    }
    return Optional.of(real);
  }

  private CorruptObjectException linkOut(String name) {
    return new CorruptObjectException(name, "it is a link that leads out of " + root);
  }

  private boolean hasFileAmongFolders(Path file) {
    for (Path folder = folderOf(file);
        folder.startsWith(root) && !folder.equals(root);
        folder = folderOf(folder)) {
      if (Files.isRegularFile(folder)) {
        return true;
      }
    }
    return false;
  }

  private ObjectNotFoundException notFound(ObjectKey key, IOException cause) {
    ObjectNotFoundException error = new ObjectNotFoundException(key, root);
    error.initCause(cause);
    return error;
  }

  private Path newScratch() throws IOException {
    Path directory = root.resolve(SCRATCH);
    ensureDirectoryNow(directory);
    return directory.resolve(UUID.randomUUID().toString());
  }

  private Path writeScratch(byte[] content) throws IOException {
    Path scratch = newScratch();
    boolean complete = false;
    try (FileChannel channel =
        FileChannel.open(scratch, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      sync(channel);
      complete = true;
    } finally {
      if (!complete) {
        Files.deleteIfExists(scratch);
      }
    }
    return scratch;
  }

  /** Gives a complete file its final name, yet to be synced; false if the name is taken. */
  private static boolean link(Path scratch, Path target) throws IOException {
    try {
      Files.createLink(target, scratch);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
    return true;
  }

  /** As {@link #link}, durably; the key is a fresh one. */
  void linkFresh(ObjectKey key, Path scratch, Path target) throws IOException {
    if (!link(scratch, target)) {
      throw new FileAlreadyExistsException(key.value());
    }
    sync(folderOf(target));
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

  /** As {@link #ensureDirectory}, also if somebody has removed it since we saw it. */
  private void ensureDirectoryNow(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      knownDirectories.clear();
    }
    ensureDirectory(directory);
  }

  /** All are made before the first is synced: then one commit of the journal does for them. */
  private void ensureDirectory(Path directory) throws IOException {
    List<Path> visited = new ArrayList<>();
    List<Path> unsynced = new ArrayList<>();
    makeDirectory(directory, visited, unsynced);
    for (Path parent : unsynced) {
      sync(parent);
    }
    if (knownDirectories.size() >= REMEMBERED_DIRECTORIES) {
      knownDirectories.clear();
    }
    knownDirectories.addAll(visited);
  }

  /**
   * Creates a directory and those above it.
   *
   * @param visited gets all that were not known
   * @param unsynced gets those whose entries may not be durable, the outermost first
   */
  private void makeDirectory(Path directory, List<Path> visited, List<Path> unsynced)
      throws IOException {
    if (knownDirectories.contains(directory)) {
      return;
    }
    Path parent = directory.getParent();
    boolean below = directory.startsWith(root) && !directory.equals(root);
    boolean created = false;
    if (parent != null && (below || !Files.isDirectory(directory))) {
      makeDirectory(parent, visited, unsynced);
    }
    if (!Files.isDirectory(directory)) {
      try {
        Files.createDirectory(directory);
        created = true;
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(directory)) {
          throw e;
        }
      }
    }
    if (below && !directory.toRealPath().startsWith(root.toRealPath())) {
      throw linkOut(root.relativize(directory).toString());
    }
    // Below the root also if it exists: who created it may not have come to sync it.
    if (parent != null && (created || below)) {
      unsynced.add(parent);
    }
    visited.add(directory);
  }
}
