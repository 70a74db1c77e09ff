// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.Atomicity;
import dev.lakestream.store.GetsAhead;
import dev.lakestream.store.MemoryPool;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;

/**
 * A directory of a Hadoop file system as an object store. How an object gets its name is up to the
 * kind of file system ({@link Placement}); one that can't do it for one writer only is refused when
 * the store is opened ({@link HadoopFileSystems}).
 *
 * <p>Has a client of its own, and closes it: the one that Hadoop caches may be closed by anybody.
 */
public final class HadoopObjectStore implements ObjectStore {
  private static final long MEMORY_KEPT = 64 << 20;

  private final HadoopRoot root;
  private final HadoopErrors errors;
  private final Placement placement;
  private final MemoryPool memory = new MemoryPool(MEMORY_KEPT);
  private final ExecutorService executor = Executors.newCachedThreadPool(HadoopObjectStore::daemon);
  private final HadoopReads reads;
  private final GetsAhead ahead;
  private final HadoopListing listing;
  private final RangeHosts hosts;

  private HadoopObjectStore(HadoopRoot root, HadoopErrors errors, Placement placement) {
    this.root = root;
    this.errors = errors;
    this.placement = placement;
    this.reads = new HadoopReads(root, memory);
    this.hosts = new RangeHosts(root);
    this.ahead = new GetsAhead(this::get, executor);
    this.listing = new HadoopListing(root, placement instanceof CreatePlacement);
  }

  /**
   * Opens the store below a directory, which need not exist yet; the first put creates it.
   *
   * @param options settings of Hadoop, as {@link HadoopSettings} reads them
   * @param environment variables
   * @param uuids names of temporary files
   * @throws dev.lakestream.error.InvalidRequestException if there is no such file system, or it
   *     can't keep a stream
   */
  static HadoopObjectStore open(
      URI uri, Map<String, String> options, Map<String, String> environment, Supplier<UUID> uuids) {
    HadoopRoot root = HadoopFileSystems.connect(uri, HadoopSettings.of(options, environment));
    HadoopErrors errors = new HadoopErrors(root.uri());
    return new HadoopObjectStore(root, errors, HadoopFileSystems.placement(root, errors, uuids));
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "lakestream-hadoop");
    thread.setDaemon(true);
    return thread;
  }

  /** What a file system is asked. */
  @FunctionalInterface
  private interface Request<T> {
    T send() throws IOException;
  }

  private <T> T ask(String what, ObjectKey key, Request<T> request) throws IOException {
    return ask(what + " of " + key, request);
  }

  private <T> T ask(String what, Request<T> request) throws IOException {
    try {
      return request.send();
    } catch (ObjectNotFoundException | OutcomeUnknownException e) {
      throw e;
    } catch (IOException e) {
      throw errors.of(what, e);
    }
  }

  @Override
  public URI root() {
    return root.uri();
  }

  @Override
  public Atomicity atomicity() {
    return placement.atomicity();
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    return ask("put", key, () -> placement.putIfAbsent(key, content));
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    ask(
        "put",
        key,
        () -> {
          placement.put(key, content);
          return key;
        });
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    return ask("upload", key, () -> placement.upload(key));
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    return ask("get", key, () -> reads.whole(key, limit));
  }

  @Override
  public List<byte[]> getWhilePresent(Stream<ObjectKey> keys, int limit) throws IOException {
    return ahead.whilePresent(keys, limit);
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    return ask("read", key, () -> reads.range(key, offset, length));
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    return ask(
        "head", key, () -> root.file(root.path(key)).map(status -> HadoopRoot.info(key, status)));
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    return ask("list", folder, () -> listing.objects(folder, startAfter));
  }

  @Override
  public List<String> folders(Optional<ObjectKey> below) throws IOException {
    return ask("list of folders", () -> listing.folders(below));
  }

  @Override
  public List<String> hosts(ObjectKey key, long offset, long length) {
    return hosts.of(key, offset, length);
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    boolean gone =
        ask(
            "delete",
            key,
            () -> {
              try {
                return root.files().delete(root.path(key), false);
              } catch (IOException e) {
                // A folder is no object.
                if (e instanceof PathIsNotEmptyDirectoryException || HadoopRoot.isMissing(e)) {
                  return false;
                }
                throw e;
              }
            });
    if (gone) {
      placement.deleted(key);
    }
  }

  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    return ask("list of uploads", placement::pendingUploads);
  }

  @Override
  public void abort(PendingUpload upload) throws IOException {
    ask(
        "abort of an upload",
        () -> {
          placement.abort(upload);
          return upload;
        });
  }

  @Override
  public void close() throws IOException {
    try {
      executor.shutdownNow();
      root.files().close();
    } finally {
      memory.close();
    }
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
