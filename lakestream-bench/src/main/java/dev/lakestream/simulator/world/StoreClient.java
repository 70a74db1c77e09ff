// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.Atomicity;
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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The store as one process reaches it, over a network that loses, delays and doubles requests, but
 * keeps the contract of {@link ObjectStore}. Every operation is a scheduling point.
 */
public final class StoreClient implements ObjectStore {
  private static final int PAGE = 16;
  private static final URI ROOT = URI.create("simulated:/");

  private final SimulatedStore store;
  private final SimulatedProcess process;
  private final World world;
  private final Faults faults;

  /** What a request does when it arrives. */
  @FunctionalInterface
  private interface Effect<T> {
    T takePlace();
  }

  StoreClient(SimulatedStore store, SimulatedProcess process) {
    this.store = store;
    this.process = process;
    this.world = process.world();
    this.faults = world.faults();
  }

  @Override
  public URI root() {
    return ROOT;
  }

  @Override
  public Atomicity atomicity() {
    return Atomicity.certain();
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    return send("PUT-IF-ABSENT", key, () -> store.create(key, content), true);
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    send(
        "PUT",
        key,
        () -> {
          store.replace(key, content);
          return "ok";
        },
        false);
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    send(
        "DELETE",
        key,
        () -> {
          store.remove(key);
          return "ok";
        },
        false);
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    PendingUpload pending = send("BEGIN-UPLOAD", key, () -> store.begin(key), false);
    return new SimulatedUpload(content -> finish(key, pending, content));
  }

  private void finish(ObjectKey key, PendingUpload pending, byte[] content) throws IOException {
    String result =
        send(
            "END-UPLOAD",
            key,
            () -> store.end(pending) ? store.create(key, content).name() : "aborted",
            false);
    if (!result.equals(PutResult.CREATED.name())) {
      throw new IOException("the upload of " + key + " could not be finished: " + result);
    }
  }

  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    ask("LIST-UPLOADS", StreamKeys.DATA);
    List<PendingUpload> pending = store.pending();
    world.note(process.name(), "LIST-UPLOADS", "", Integer.toString(pending.size()));
    return pending;
  }

  @Override
  public void abort(PendingUpload upload) throws IOException {
    send("ABORT-UPLOAD", StreamKeys.DATA, () -> store.end(upload), false);
  }

  /** Sends a request that changes something. */
  private <T> T send(String what, ObjectKey key, Effect<T> effect, boolean tellsUnknown)
      throws IOException {
    Faults.Fate fate = faults.mutation();
    world.await(process, process.latency());
    T answer;
    switch (fate) {
      case DONE -> {
        answer = effect.takePlace();
        world.note(process.name(), what, key.value(), answer.toString());
        return answer;
      }
      case DOUBLED -> {
        effect.takePlace();
        answer = effect.takePlace();
        world.note(process.name(), what, key.value(), answer + " (sent twice)");
        return answer;
      }
      case REPEATED_LATE -> {
        answer = effect.takePlace();
        world.note(process.name(), what, key.value(), answer + " (and once more, later)");
        arriveLate(what, key, effect);
        return answer;
      }
      case REFUSED -> {
        world.note(process.name(), what, key.value(), "refused");
        throw new IOException("the store refuses " + what + " of " + key);
      }
      case LOST_RESPONSE -> effect.takePlace();
      case DELAYED -> arriveLate(what, key, effect);
      case LOST_REQUEST -> {}
    }
    world.note(process.name(), what, key.value(), "no answer: " + fate);
    world.await(process, faults.timeout());
    if (tellsUnknown) {
      throw new OutcomeUnknownException(
          "no answer for " + what + " of " + key, new IOException(fate.name()));
    }
    throw new IOException("no answer for " + what + " of " + key + ": " + fate);
  }

  private <T> void arriveLate(String what, ObjectKey key, Effect<T> effect) {
    world.later(
        faults.lateness(),
        () ->
            world.note(process.name(), what, key.value(), effect.takePlace() + " (arrived late)"));
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    return getIfPresent(key, limit).orElseThrow(() -> new ObjectNotFoundException(key, root()));
  }

  /** One by one; that there are no more is what most of those who ask expect to hear. */
  @Override
  public List<byte[]> getWhilePresent(Stream<ObjectKey> keys, int limit) throws IOException {
    List<byte[]> found = new ArrayList<>();
    Iterator<ObjectKey> wanted = keys.iterator();
    boolean present = true;
    while (present && wanted.hasNext()) {
      Optional<byte[]> content = getIfPresent(wanted.next(), limit);
      content.ifPresent(found::add);
      present = content.isPresent();
    }
    return found;
  }

  private Optional<byte[]> getIfPresent(ObjectKey key, int limit) throws IOException {
    ask("GET", key);
    Optional<byte[]> content = find("GET", key);
    if (content.isPresent() && content.get().length > limit) {
      throw new CorruptObjectException(
          key.value(),
          "it has " + content.get().length + " bytes, more than the " + limit + " allowed");
    }
    return content.map(byte[]::clone);
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    ask("READ", key);
    byte[] content = find("READ", key).orElseThrow(() -> new ObjectNotFoundException(key, root()));
    if (offset < 0 || length < 0 || offset > content.length - length) {
      throw new CorruptObjectException(key.value(), "it ends before the range does");
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
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    ask("HEAD", key);
    Optional<ObjectInfo> info = store.info(key);
    world.note(process.name(), "HEAD", key.value(), info.isPresent() ? "found" : "none");
    return info;
  }

  /** Page by page: what comes or goes meanwhile may be seen or not. */
  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    String prefix = folder.value() + "/";
    String after = prefix;
    if (startAfter.isPresent() && startAfter.get().value().compareTo(prefix) > 0) {
      after = startAfter.get().value();
    }
    List<ObjectInfo> all = new ArrayList<>();
    while (true) {
      ask("LIST", folder);
      List<ObjectInfo> page = store.page(prefix, after, PAGE);
      world.note(process.name(), "LIST", folder.value(), Integer.toString(page.size()));
      all.addAll(page);
      if (page.size() < PAGE) {
        return List.copyOf(all);
      }
      after = page.get(page.size() - 1).key().value();
    }
  }

  @Override
  public void close() {}

  private void ask(String what, ObjectKey key) throws IOException {
    boolean fails = faults.readFails();
    world.await(process, fails ? faults.timeout() : process.latency());
    if (fails) {
      world.note(process.name(), what, key.value(), "no answer");
      throw new IOException("no answer for " + what + " of " + key);
    }
  }

  private Optional<byte[]> find(String what, ObjectKey key) {
    Optional<byte[]> content = store.find(key);
    world.note(process.name(), what, key.value(), content.isPresent() ? "found" : "none");
    return content;
  }
}
