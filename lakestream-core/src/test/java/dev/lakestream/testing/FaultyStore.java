// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.store.ForwardingObjectStore;
import dev.lakestream.store.GetsAhead;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A store in front of another one that fails as object stores do, deterministically: the faults are
 * planned one by one, or drawn from a seed. Counts what is asked of it.
 *
 * <p>Thread-safe; with several threads a seed fixes the faults, but not who meets them.
 */
public final class FaultyStore extends ForwardingObjectStore {
  /** What may be asked of a store. */
  public enum Operation {
    PUT_IF_ABSENT,
    PUT,
    UPLOAD,
    GET,
    READ,
    HEAD,
    LIST,
    DELETE,
    PENDING_UPLOADS,
    ABORT
  }

  /** What can go wrong. */
  public enum Fault {
    /** The store acts and its answer is lost: unknown to a put-if-absent. */
    LOST_RESPONSE,
    /** The request is lost: unknown to a put-if-absent, nothing ever happens. */
    LOST_REQUEST,
    /** The request is late: unknown to a put-if-absent, and carried out by {@link #landLate()}. */
    LATE,
    /** The store refuses (no permission, say): a certain failure. */
    REFUSED
  }

  /** Called before the operation that it was planned for, on the caller's thread. */
  @FunctionalInterface
  public interface Interlude {
    void run() throws IOException;
  }

  private record Plan(Operation operation, String prefix, Optional<Fault> fault, Interlude first) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record LatePut(ObjectKey key, byte[] content) {}

  /** Stands for uploads in counts and plans; nobody keeps an object there. */
  private static final ObjectKey UPLOADS = ObjectKey.of("uploads");

  private final List<Plan> plans = new ArrayList<>();
  private final List<LatePut> late = new ArrayList<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private Random random = new Random(0);
  private double probability;
  private long operationsLeft = Long.MAX_VALUE;
  private long operationsBefore;
  private Optional<Interlude> anyInterlude = Optional.empty();

  public FaultyStore(ObjectStore delegate) {
    super(delegate);
  }

  /** The next such operation on a key with this prefix has this fault; plans queue up. */
  public synchronized FaultyStore plan(Operation operation, String prefix, Fault fault) {
    plans.add(new Plan(operation, prefix, Optional.of(fault), () -> {}));
    return this;
  }

  /** Before the next such operation on a key with this prefix, something else happens. */
  public synchronized FaultyStore before(Operation operation, String prefix, Interlude interlude) {
    plans.add(new Plan(operation, prefix, Optional.empty(), interlude));
    return this;
  }

  /**
   * Before the operation that comes after so many others, whatever it is, something else happens;
   * what that asks of this store does not count.
   */
  public synchronized FaultyStore beforeOperation(long operations, Interlude interlude) {
    operationsBefore = operations;
    anyInterlude = Optional.of(interlude);
    return this;
  }

  /** From now on each put-if-absent has a fault with this probability. Zero ends it. */
  public synchronized FaultyStore randomly(long seed, double chance) {
    random = new Random(seed);
    probability = chance;
    return this;
  }

  /**
   * After so many more operations the process that uses this store is dead: nothing that it asks
   * for happens any more.
   */
  public synchronized FaultyStore dieAfter(long operations) {
    operationsLeft = operations;
    return this;
  }

  /** Carries out the requests that were late, in the order in which they were sent. */
  public void landLate() throws IOException {
    List<LatePut> landing;
    synchronized (this) {
      landing = List.copyOf(late);
      late.clear();
    }
    for (LatePut put : landing) {
      delegate().putIfAbsent(put.key(), put.content());
    }
  }

  /** What was asked since the last call, as {@code GET log} to how often: the multiset. */
  public synchronized Map<String, Integer> takeCounts() {
    Map<String, Integer> taken = new TreeMap<>(counts);
    counts.clear();
    return taken;
  }

  /** Forgets what was planned and has not come. */
  public synchronized void clearPlans() {
    plans.clear();
    anyInterlude = Optional.empty();
  }

  /** Plans whose operation has not come yet: at the end of a test there should be none. */
  public synchronized int openPlans() {
    return plans.size() + (anyInterlude.isPresent() ? 1 : 0);
  }

  @Override
  public PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException {
    Optional<Fault> fault = enter(Operation.PUT_IF_ABSENT, key);
    if (fault.isEmpty()) {
      return delegate().putIfAbsent(key, content);
    }
    switch (fault.get()) {
      case LOST_RESPONSE -> delegate().putIfAbsent(key, content);
      case LATE -> {
        synchronized (this) {
          late.add(new LatePut(key, content.clone()));
        }
      }
      case LOST_REQUEST -> {}
      case REFUSED -> throw new IOException("the store refuses " + key);
    }
    throw new OutcomeUnknownException(
        "no answer for " + key, new SocketTimeoutException(fault.get().name()));
  }

  @Override
  public void put(ObjectKey key, byte[] content) throws IOException {
    fail(enter(Operation.PUT, key), key, () -> delegate().put(key, content));
  }

  @Override
  public ObjectUpload upload(ObjectKey key) throws IOException {
    fail(enter(Operation.UPLOAD, key), key, () -> {});
    return delegate().upload(key);
  }

  @Override
  public byte[] get(ObjectKey key, int limit) throws IOException {
    fail(enter(Operation.GET, key), key, () -> {});
    return delegate().get(key, limit);
  }

  @Override
  public List<byte[]> getWhilePresent(Stream<ObjectKey> keys, int limit) throws IOException {
    return GetsAhead.oneByOne(this::get, keys, limit);
  }

  @Override
  public Region read(ObjectKey key, long offset, int length) throws IOException {
    fail(enter(Operation.READ, key), key, () -> {});
    return delegate().read(key, offset, length);
  }

  @Override
  public Optional<ObjectInfo> head(ObjectKey key) throws IOException {
    fail(enter(Operation.HEAD, key), key, () -> {});
    return delegate().head(key);
  }

  @Override
  public List<ObjectInfo> list(ObjectKey folder, Optional<ObjectKey> startAfter)
      throws IOException {
    fail(enter(Operation.LIST, folder), folder, () -> {});
    return delegate().list(folder, startAfter);
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    fail(enter(Operation.DELETE, key), key, () -> delegate().delete(key));
  }

  @Override
  public List<PendingUpload> pendingUploads() throws IOException {
    fail(enter(Operation.PENDING_UPLOADS, UPLOADS), UPLOADS, () -> {});
    return delegate().pendingUploads();
  }

  @Override
  public void abort(PendingUpload upload) throws IOException {
    fail(enter(Operation.ABORT, UPLOADS), UPLOADS, () -> delegate().abort(upload));
  }

  /** Counts, and finds out what is to go wrong. */
  private Optional<Fault> enter(Operation operation, ObjectKey key) throws IOException {
    Optional<Plan> planned;
    Optional<Fault> drawn = Optional.empty();
    Optional<Interlude> interlude = Optional.empty();
    synchronized (this) {
      if (anyInterlude.isPresent() && operationsBefore-- == 0) {
        interlude = anyInterlude;
        anyInterlude = Optional.empty();
      }
    }
    if (interlude.isPresent()) {
      interlude.get().run();
    }
    synchronized (this) {
      if (operationsLeft-- <= 0) {
        operationsLeft = 0;
        throw new IOException("the process is dead");
      }
      counts.merge(operation + " " + folder(key), 1, Integer::sum);
      planned =
          plans.stream()
              .filter(plan -> plan.operation == operation && key.value().startsWith(plan.prefix))
              .findFirst();
      planned.ifPresent(plans::remove);
      if (operation == Operation.PUT_IF_ABSENT && random.nextDouble() < probability) {
        Fault[] uncertain = {Fault.LOST_RESPONSE, Fault.LOST_REQUEST, Fault.LATE};
        drawn = Optional.of(uncertain[random.nextInt(uncertain.length)]);
      }
    }
    if (planned.isPresent()) {
      planned.get().first.run();
      return planned.get().fault;
    }
    return drawn;
  }

  private static void fail(Optional<Fault> fault, ObjectKey key, Interlude action)
      throws IOException {
    if (fault.isEmpty() || fault.get() == Fault.LOST_RESPONSE) {
      action.run();
    }
    if (fault.isPresent()) {
      throw new IOException("no answer for " + key + ": " + fault.get());
    }
  }

  private static String folder(ObjectKey key) {
    int slash = key.value().indexOf('/');
    return slash < 0 ? key.value() : key.value().substring(0, slash);
  }
}
