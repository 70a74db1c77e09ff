// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Moves the stamps of a real store to the time of a test, so that days can pass on it. What was
 * written at a moment of the test bears that moment, to the millisecond; the store's own stamp has
 * to be there, and to be that of the real moment of the write.
 */
public final class StampedStore extends ForwardingObjectStore implements InspectedStore {
  /** The clocks of a machine and of a server on it, and S3's stamps of whole seconds. */
  private static final Duration MOST_OFF = Duration.ofMinutes(1);

  private final InspectedStore objects;
  private final InstantSource clock;
  private final Map<String, Stamp> stamps = new ConcurrentHashMap<>();
  private final Map<String, Stamp> uploads = new ConcurrentHashMap<>();

  /** Of one write: by the test's clock, and by the real one. */
  private record Stamp(Instant time, Instant real) {}

  public StampedStore(InspectedStore objects, InstantSource clock) {
    super(objects);
    this.objects = objects;
    this.clock = clock;
  }

  /** Copies all objects into an empty store, with their stamps; time goes on for both. */
  public StampedStore copyTo(InspectedStore empty) {
    StampedStore copy = new StampedStore(empty, clock);
    contents()
        .forEach(
            (key, content) -> {
              copy.putIfAbsent(ObjectKey.of(key), content);
              copy.stamps.computeIfPresent(
                  key, (of, own) -> new Stamp(stamps.get(of).time(), own.real()));
            });
    return copy;
  }

  private Stamp now() {
    return new Stamp(clock.instant(), Instant.now());
  }

  private static Instant shifted(Stamp stamp, Instant reported, String what) {
    if (Duration.between(stamp.real(), reported).abs().compareTo(MOST_OFF) > 0) {
      throw new AssertionError(
          what + " was written at " + stamp.real() + ", the store says " + reported);
    }
    return stamp.time();
  }

  private ObjectInfo shifted(ObjectInfo info) {
    String key = info.key().value();
    Stamp stamp = stamps.get(key);
    if (stamp == null) {
      throw new AssertionError(key + " was not written by this test");
    }
    return new ObjectInfo(info.key(), info.size(), shifted(stamp, info.lastModified(), key));
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) {
    PutResult result = objects.putIfAbsent(key, content);
    if (result == PutResult.CREATED) {
      stamps.put(key.value(), now());
    }
    return result;
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    objects.put(key, content);
    stamps.put(key.value(), now());
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    return new StampedUpload(key, objects.upload(key));
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    return objects.head(key).map(this::shifted);
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    return objects.list(folder, startAfter).stream().map(this::shifted).toList();
  }

  @Override
  public void delete(ObjectKey key) {
    objects.delete(key);
  }

  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    return objects.pendingUploads().stream()
        .map(
            upload -> {
              String key = upload.key().orElseThrow().value();
              return new PendingUpload(
                  upload.id(),
                  upload.key(),
                  upload.bytes(),
                  shifted(uploads.get(key), upload.lastTouched(), "the upload of " + key));
            })
        .toList();
  }

  @Override
  public Map<String, byte[]> contents() {
    return objects.contents();
  }

  @Override
  public List<String> keys(String folder) {
    return objects.keys(folder);
  }

  @Override
  public void damage(String key, byte[] content) {
    objects.damage(key, content);
    stamps.put(key, now());
  }

  /** Stamped when it is begun, which is as much as S3 remembers, and again when it ends. */
  private final class StampedUpload implements ObjectUpload {
    private final ObjectKey key;
    private final ObjectUpload upload;

    private StampedUpload(ObjectKey key, ObjectUpload upload) {
      this.key = key;
      this.upload = upload;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      uploads.computeIfAbsent(key.value(), begun -> now());
      return upload.write(source);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
      uploads.computeIfAbsent(key.value(), begun -> now());
      return upload.write(sources, offset, length);
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
      return write(sources, 0, sources.length);
    }

    @Override
    public long position() {
      return upload.position();
    }

    @Override
    public void finish() throws IOException {
      upload.finish();
      stamps.put(key.value(), now());
    }

    @Override
    public boolean isOpen() {
      return upload.isOpen();
    }

    @Override
    public void close() throws IOException {
      upload.close();
    }
  }
}
