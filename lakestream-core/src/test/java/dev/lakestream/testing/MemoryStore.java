// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.store.Atomicity;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.Region;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** A store in memory that keeps the contract of {@link ObjectStore}. Its clock is the test's. */
public final class MemoryStore implements InspectedStore {
  private final NavigableMap<String, Stored> objects = new ConcurrentSkipListMap<>();
  private final NavigableMap<String, Upload> uploads = new ConcurrentSkipListMap<>();
  private final AtomicLong uploadCount = new AtomicLong();
  private final InstantSource clock;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Stored(byte[] content, Instant time) {}

  public MemoryStore(InstantSource clock) {
    this.clock = clock;
  }

  public MemoryStore() {
    this(InstantSource.fixed(Instant.EPOCH));
  }

  /** All objects by key, for assertions. */
  @Override
  public Map<String, byte[]> contents() {
    Map<String, byte[]> contents = new TreeMap<>();
    objects.forEach((key, stored) -> contents.put(key, stored.content.clone()));
    return contents;
  }

  /** The keys below a folder. */
  @Override
  public List<String> keys(String folder) {
    return contents().keySet().stream().filter(key -> key.startsWith(folder + "/")).toList();
  }

  /** A store with the same objects, that goes its own way from here. */
  public MemoryStore copy() {
    MemoryStore copy = new MemoryStore(clock);
    copy.objects.putAll(objects);
    return copy;
  }

  /** Replaces an object, as only damage can. */
  @Override
  public void damage(String key, byte[] content) {
    objects.put(key, new Stored(content.clone(), clock.instant()));
  }

  @Override
  public URI root() {
    return URI.create("memory:/");
  }

  @Override
  public Atomicity atomicity() {
    return Atomicity.certain();
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) {
    Stored stored = new Stored(content.clone(), clock.instant());
    return objects.putIfAbsent(key.value(), stored) == null ? PutResult.CREATED : PutResult.EXISTS;
  }

  @Override
  public void put(ObjectKey key, byte[] content) {
    objects.put(key.value(), new Stored(content.clone(), clock.instant()));
  }

  @Override
  public ObjectUpload upload(ObjectKey key) {
    Upload upload = new Upload(key);
    uploads.put(upload.id, upload);
    return upload;
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    byte[] content = find(key).content;
    if (content.length > limit) {
      throw new CorruptObjectException(
          key.value(), "it has " + content.length + " bytes, more than the " + limit + " allowed");
    }
    return content.clone();
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    byte[] content = find(key).content;
    if (offset < 0 || length < 0 || offset > content.length - length) {
      throw new CorruptObjectException(
          key.value(),
          "bytes from " + offset + " are wanted, " + length + ", it has " + content.length);
    }
    ByteBuffer bytes = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(content, (int) offset, length).flip();
    return new Region() {
      @Override
      public ByteBuffer bytes() {
        return bytes;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) {
    return Optional.ofNullable(objects.get(key.value())).map(stored -> info(key.value(), stored));
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter) {
    String prefix = folder.value() + "/";
    List<ObjectInfo> found = new ArrayList<>();
    objects
        .tailMap(prefix, true)
        .forEach(
            (key, stored) -> {
              if (key.startsWith(prefix)
                  && startAfter.filter(after -> key.compareTo(after.value()) <= 0).isEmpty()) {
                found.add(info(key, stored));
              }
            });
    return List.copyOf(found);
  }

  @Override
  public List<String> folders(Optional<ObjectKey> below) {
    String prefix = below.map(folder -> folder.value() + "/").orElse("");
    return objects.keySet().stream()
        .filter(key -> key.startsWith(prefix) && key.indexOf('/', prefix.length()) > 0)
        .map(key -> key.substring(prefix.length(), key.indexOf('/', prefix.length())))
        .distinct()
        .sorted()
        .toList();
  }

  @Override
  public void delete(ObjectKey key) {
    objects.remove(key.value());
  }

  @Override
  public List<PendingUpload> pendingUploads() {
    return uploads.entrySet().stream()
        .map(
            upload ->
                new PendingUpload(
                    upload.getKey(),
                    Optional.of(upload.getValue().key),
                    upload.getValue().position(),
                    upload.getValue().touched))
        .toList();
  }

  @Override
  public void abort(PendingUpload upload) {
    uploads.remove(upload.id());
  }

  @Override
  public void close() {}

  private Stored find(ObjectKey key) throws ObjectNotFoundException {
    Stored stored = objects.get(key.value());
    if (stored == null) {
      throw new ObjectNotFoundException(key, root());
    }
    return stored;
  }

  private static ObjectInfo info(String key, Stored stored) {
    return new ObjectInfo(ObjectKey.of(key), stored.content.length, stored.time);
  }

  private final class Upload implements ObjectUpload {
    private final ObjectKey key;
    private final String id =
        String.format(Locale.ROOT, "upload-%06d", uploadCount.getAndIncrement());
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private volatile Instant touched = clock.instant();
    private boolean open = true;

    private Upload(ObjectKey key) {
      this.key = key;
    }

    @Override
    public long position() {
      return content.size();
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      if (!open) {
        throw new ClosedChannelException();
      }
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      content.writeBytes(bytes);
      touched = clock.instant();
      return bytes.length;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
      long written = 0;
      for (int i = offset; i < offset + length; i++) {
        written += write(sources[i]);
      }
      return written;
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
      return write(sources, 0, sources.length);
    }

    @Override
    public void finish() throws IOException {
      if (!open) {
        throw new ClosedChannelException();
      }
      open = false;
      if (uploads.remove(id) == null) {
        throw new IOException("the upload of " + key + " was aborted");
      }
      if (putIfAbsent(key, content.toByteArray()) == PutResult.EXISTS) {
        throw new FileAlreadyExistsException(key.value());
      }
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
      uploads.remove(id);
    }
  }
}
