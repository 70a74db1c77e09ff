// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of a fork as a store of its own ({@code docs/format.md} §13). No key leads out of the
 * folder; {@link #parent()} leads up, and never out of the store that this is a folder of.
 *
 * <p>Thread-safe. Closing it closes the store that it is a folder of.
 */
public final class FolderStore extends ForwardingObjectStore {
  private static final int MAX_NESTING = 8;
  private static final int MAX_LENGTH = 512;
  private static final Pattern FORKS =
      Pattern.compile(
          "forks/[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?:/forks/[A-Za-z0-9][A-Za-z0-9._-]{0,127})*");

  private final String folder;

  private FolderStore(ObjectStore store, String folder) {
    super(store);
    this.folder = folder;
  }

  /**
   * The store of a fork.
   *
   * @param outermost the store of the stream that is no fork
   * @param folder {@code forks/<name>}, once for each level
   * @throws InvalidRequestException if it is no such folder, or forks nest too deep
   */
  public static FolderStore of(ObjectStore outermost, String folder) {
    if (!FORKS.matcher(folder).matches()) {
      throw new InvalidRequestException("'" + folder + "' is no folder of a fork: forks/<name>");
    }
    if (folder.length() > MAX_LENGTH || folder.split("/", -1).length > 2 * MAX_NESTING) {
      throw new InvalidRequestException(
          "the fork "
              + folder
              + " is too deep: forks nest at most "
              + MAX_NESTING
              + " deep, in at most "
              + MAX_LENGTH
              + " characters");
    }
    return new FolderStore(outermost, folder);
  }

  /** The store of a fork of the stream in {@code parent}, which may be a fork itself. */
  public static FolderStore ofFork(ObjectStore parent, String name) {
    String folder = "forks/" + name;
    return parent instanceof FolderStore fork
        ? of(fork.delegate(), fork.folder + "/" + folder)
        : of(parent, folder);
  }

  /** The name of the fork. */
  public String name() {
    return folder.substring(folder.lastIndexOf('/') + 1);
  }

  @Override
  public Optional<ObjectStore> parent() {
    int level = folder.lastIndexOf("/forks/");
    return Optional.of(
        level < 0 ? delegate() : new FolderStore(delegate(), folder.substring(0, level)));
  }

  @Override
  public URI root() {
    String root = delegate().root().toString();
    return URI.create(root + (root.endsWith("/") ? "" : "/") + folder);
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    return delegate().putIfAbsent(outer(key), content);
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    delegate().put(outer(key), content);
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    return delegate().upload(outer(key));
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    try {
      return delegate().get(outer(key), limit);
    } catch (ObjectNotFoundException e) {
      throw new ObjectNotFoundException(key, root());
    } catch (CorruptObjectException e) {
      throw inner(key, e);
    }
  }

  @Override
  public List<byte[]> getWhilePresent(Stream<ObjectKey> keys, int limit) throws IOException {
    try {
      return delegate().getWhilePresent(keys.map(this::outer), limit);
    } catch (CorruptObjectException e) {
      throw inner(inner(ObjectKey.of(e.object())), e);
    }
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    try {
      return delegate().read(outer(key), offset, length);
    } catch (ObjectNotFoundException e) {
      throw new ObjectNotFoundException(key, root());
    } catch (CorruptObjectException e) {
      throw inner(key, e);
    }
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    return delegate().head(outer(key)).map(this::inner);
  }

  @Override
  public List<ObjectInfo> list(ObjectKey below, Optional<ObjectKey> startAfter) throws IOException {
    return delegate().list(outer(below), startAfter.map(this::outer)).stream()
        .map(this::inner)
        .toList();
  }

  @Override
  public List<String> folders(Optional<ObjectKey> below) throws IOException {
    return delegate()
        .folders(Optional.of(below.map(this::outer).orElseGet(() -> ObjectKey.of(folder))));
  }

  @Override
  public List<String> hosts(ObjectKey key, long offset, long length) {
    return delegate().hosts(outer(key), offset, length);
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    delegate().delete(outer(key));
  }

  /** Those that are known to be below this folder; the others are the outermost stream's. */
  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    List<PendingUpload> ours = new ArrayList<>();
    for (PendingUpload upload : delegate().pendingUploads()) {
      Optional<ObjectKey> key =
          upload.key().filter(outer -> outer.value().startsWith(folder + "/")).map(this::inner);
      if (key.isPresent()) {
        ours.add(new PendingUpload(upload.id(), key, upload.bytes(), upload.lastTouched()));
      }
    }
    return List.copyOf(ours);
  }

  @Override
  public void abort(PendingUpload upload) throws IOException {
    delegate()
        .abort(
            new PendingUpload(
                upload.id(), upload.key().map(this::outer), upload.bytes(), upload.lastTouched()));
  }

  private ObjectKey outer(ObjectKey key) {
    return ObjectKey.of(folder + "/" + key);
  }

  private ObjectInfo inner(ObjectInfo info) {
    return new ObjectInfo(inner(info.key()), info.size(), info.lastModified());
  }

  private ObjectKey inner(ObjectKey outer) {
    return ObjectKey.of(outer.value().substring(folder.length() + 1));
  }

  /** The same damage, of the object as users of this store call it. */
  private static CorruptObjectException inner(ObjectKey key, CorruptObjectException damage) {
    return new CorruptObjectException(key.value(), String.valueOf(damage.getMessage()), damage);
  }
}
