// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.error.StreamExistsException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.LogFold;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamDocument;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Verdict;
import dev.lakestream.reader.Cursor;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream as its users hold it: what its log said when it was last looked at, and where each step
 * is.
 *
 * <p>Opening reads {@code stream.json}, the newest usable snapshot and the entries after it;
 * nothing else grows with history. A stream never changes under its holder: only {@link #refresh()}
 * looks further.
 *
 * <p>Thread-safe. Does not own the store.
 */
public final class LakeStream {
  private static final Logger LOG = LoggerFactory.getLogger(LakeStream.class);
  private static final int READ_AHEAD = 256;

  /** Entries after which a follower looks for a snapshot, so as not to keep all that it saw. */
  private static final int KEPT_ENTRIES = 1024;

  private final ObjectStore store;
  private final Environment environment;
  private final StreamDocument document;
  private final Digest documentDigest;
  private final HistoryReader history;
  private final Optional<Ancestry> ancestry;

  private final List<Consumer<LogEntry>> watchers = new CopyOnWriteArrayList<>();

  private View view;
  private Optional<UnfoldedPart> lastUnfolded = Optional.empty();
  private long lightenAt = KEPT_ENTRIES;

  private final AtomicBoolean folding = new AtomicBoolean();

  private LakeStream(
      ObjectStore store, Environment environment, StreamDocument document, Digest digest) {
    this.store = store;
    this.environment = environment;
    this.document = document;
    this.documentDigest = digest;
    this.history = new HistoryReader(store, document, digest);
    this.ancestry = document.fork().map(origin -> new Ancestry(store, environment, origin));
    this.view = history.beginning();
  }

  /**
   * Creates a stream: one put-if-absent, so no half-created stream can exist. A store whose
   * put-if-absent is not known to have one winner is tried first.
   *
   * @throws StreamExistsException if there is one
   * @throws InvalidRequestException if the definition is not allowed
   * @throws dev.lakestream.store.StoreRefusedException if the store can't keep a stream
   */
  public static LakeStream create(
      ObjectStore store, StreamDefinition definition, Environment environment) throws IOException {
    StreamDocument document = StreamCreation.document(definition, environment);
    StreamCreation.requireOneWinner(store, environment);
    PutResult result = StreamCreation.put(store, document);
    LakeStream stream = open(store, environment);
    if (result == PutResult.EXISTS && !stream.document.id().equals(document.id())) {
      throw new StreamExistsException(
          "there is a stream at "
              + store.root()
              + " already, created "
              + Instant.ofEpochMilli(stream.document.created()));
    }
    return stream;
  }

  /**
   * Opens a stream at its tail.
   *
   * @throws StreamNotFoundException if there is none
   */
  public static LakeStream open(ObjectStore store, Environment environment) throws IOException {
    byte[] content;
    try {
      content = store.get(StreamKeys.STREAM, Limits.SMALL_OBJECT_BYTES);
    } catch (ObjectNotFoundException e) {
      throw new StreamNotFoundException(
          "there is no stream at "
              + store.root()
              + " (no stream.json); create it with 'lakestream create' or write to it with"
              + " mode append");
    }
    StreamDocument document = StreamDocumentJson.decode(StreamKeys.STREAM.value(), content);
    LakeStream stream = new LakeStream(store, environment, document, Digest.of(content));
    stream.view = stream.history.newest(stream.history.snapshots().horizon());
    stream.refresh();
    return stream;
  }

  /** As {@link #open(ObjectStore, Environment)} with the real clock. */
  public static LakeStream open(ObjectStore store) throws IOException {
    return open(store, Environment.system());
  }

  public ObjectStore store() {
    return store;
  }

  public Environment environment() {
    return environment;
  }

  public StreamDocument document() {
    return document;
  }

  public UUID id() {
    return document.id();
  }

  /** What the log said at the last look. */
  public synchronized StreamState state() {
    return view.state();
  }

  /**
   * What the log said of a producer at the last look.
   *
   * @throws UncheckedIOException if a part of the snapshot could not be fetched
   */
  public synchronized Optional<ProducerState> producer(String id) {
    return onIntactIndex(() -> view.fold().producer(id));
  }

  /**
   * All producers that there ever were, by id.
   *
   * @throws UncheckedIOException if a part of the snapshot could not be fetched
   */
  public synchronized List<ProducerState> producers() {
    return onIntactIndex(() -> view.producers());
  }

  /** The producers that committed last, by id: not many, however many there ever were. */
  public synchronized List<ProducerState> recentProducers() {
    return onIntactIndex(() -> view.recentProducers());
  }

  /** The void entries seen since the snapshot that this stream goes on from. */
  public synchronized List<Verdict> voidEntries() {
    return List.copyOf(view.voids());
  }

  /** Whether the entry of this version was folded one by one, not as a part of a snapshot. */
  public synchronized boolean remembers(long version) {
    return version > view.baseVersion() && version <= view.version();
  }

  /**
   * Whether the entry of this version is of this commit, as this stream has folded it; false if it
   * does not {@link #remembers remember}.
   */
  public synchronized boolean holds(long version, UUID commit) {
    return view.holds(version, commit);
  }

  /**
   * The first step that the entry of this version made visible.
   *
   * @throws StepUnavailableException if it made none, or they have been trimmed
   */
  public synchronized long firstStepOf(long version) throws IOException {
    if (version <= view.began() && ancestry.isPresent()) {
      return inParent(version);
    }
    long low = Math.max(view.state().firstReadable(), view.state().firstOwn());
    long high = view.state().nextStep() - 1;
    while (low <= high) {
      long middle = (low + high) >>> 1;
      CommittedGroup group = groupOf(middle);
      if (group.version() == version) {
        return lastUnfolded.orElseThrow().commit().before().steps();
      } else if (group.version() < version) {
        low = group.nextStep();
      } else {
        high = group.firstStep() - 1;
      }
    }
    throw noStepOf(version);
  }

  private long inParent(long version) throws IOException {
    long first = ancestry.orElseThrow().parent().firstStepOf(version);
    if (first >= view.state().firstOwn()) {
      throw noStepOf(version);
    }
    return first;
  }

  private static StepUnavailableException noStepOf(long version) {
    return new StepUnavailableException("no readable step is of version " + version);
  }

  /** Whether a commit with this idempotence key has been made, as of the last look. */
  public synchronized boolean hasKey(String idempotence) {
    return versionOfKey(idempotence).isPresent();
  }

  /**
   * The version of the commit that was made with this idempotence key, as of the last look.
   *
   * @throws UncheckedIOException if a part of the snapshot could not be fetched
   */
  public synchronized Optional<Long> versionOfKey(String idempotence) {
    return onIntactIndex(() -> view.fold().versionOfKey(idempotence));
  }

  /** The first step that can be read, as of the last look: a fork can read what its parent can. */
  public synchronized long firstReadable() throws IOException {
    long first = view.state().firstReadable();
    long firstOwn = view.state().firstOwn();
    return first >= firstOwn
        ? first
        : Math.max(first, Math.min(firstOwn, parent().firstReadable()));
  }

  /** As {@link #firstReadable()}, after another look at the log and at those of the parents. */
  public synchronized long refreshFirstReadable() throws IOException {
    refresh();
    if (view.state().firstReadable() < view.state().firstOwn()) {
      parent().refreshFirstReadable();
    }
    return firstReadable();
  }

  /**
   * The store that holds the bundles of a group of this stream: its own, or that of an ancestor.
   */
  public ObjectStore storeOf(CommittedGroup group) {
    ObjectStore home = store;
    for (int level = 0; level < group.ancestor(); level++) {
      home = home.parent().orElseThrow();
    }
    return home;
  }

  private LakeStream parent() throws IOException {
    return ancestry
        .orElseThrow(
            () ->
                new CorruptObjectException(
                    StreamKeys.SNAPSHOTS.value(), "it is of a fork, and the stream is none"))
        .parent();
  }

  /**
   * Why the entry of this version is void; empty if it is valid or older than what is remembered.
   */
  public synchronized Optional<String> voidReason(long version) {
    return view.voids().stream()
        .filter(verdict -> verdict.entry().version() == version)
        .findFirst()
        .flatMap(Verdict::problem);
  }

  /**
   * Why this entry would be void if it were the next one, or empty.
   *
   * @throws UncheckedIOException if a part of the snapshot could not be fetched
   */
  public synchronized Optional<String> problemOf(LogEntry entry) {
    return onIntactIndex(() -> view.fold().problemOf(entry));
  }

  /**
   * Tells of each entry that {@link #refresh()} finds from now on, valid or void, in the order of
   * versions and on the thread that looks; not of those that a snapshot stands for.
   *
   * @return ends it
   */
  public Runnable watch(Consumer<LogEntry> watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /** Reads the log to its tail. */
  public synchronized StreamState refresh() throws IOException {
    lighten();
    while (true) {
      long next = view.version() + 1;
      Look look = look(next);
      if (look.horizon() > next) {
        become(history.newest(look.horizon()));
      } else {
        try {
          for (byte[] content : look.found()) {
            Verdict verdict = applyOnIntactIndex(content);
            watchers.forEach(watcher -> watcher.accept(verdict.entry()));
          }
        } catch (CorruptObjectException damage) {
          goOnFromNewer(damage);
          continue;
        }
        if (look.found().size() < READ_AHEAD) {
          return view.state();
        }
      }
    }
  }

  /** Entries that follow, and the horizon as it was after they had been read. */
  private record Look(List<byte[]> found, long horizon) {}

  /**
   * An entry counts only if no horizon above it shows up afterwards, and a missing one is the tail
   * only if it was not removed: a sleeper may wake up below the horizon (docs/format.md §8).
   */
  private Look look(long next) throws IOException {
    List<byte[]> found = readAhead(next);
    return new Look(found, history.snapshots().horizon());
  }

  /**
   * The group of steps that this step belongs to.
   *
   * @throws StepUnavailableException if it was trimmed, or not committed at the last look
   */
  public synchronized CommittedGroup groupOf(long step) throws IOException {
    return lookUp(() -> find(step));
  }

  /**
   * The commit that made a step visible; of a step from before a fork, that of the stream which
   * committed it, and it may go on beyond the fork.
   *
   * @throws StepUnavailableException as {@link #groupOf}
   */
  public synchronized CondensedCommit commitOf(long step) throws IOException {
    requireReadable(step);
    return step < view.state().firstOwn() && ancestry.isPresent()
        ? parent().commitOf(step)
        : lookUp(() -> view.commitOf(step));
  }

  private void requireReadable(long step) {
    StreamState state = view.state();
    if (step < state.firstReadable()) {
      throw new StepUnavailableException(
          "step " + step + " was trimmed: the first readable step is " + state.firstReadable());
    }
    if (step < 0 || step >= state.nextStep()) {
      throw new StepUnavailableException(
          "step " + step + " is not committed: the tail is " + (state.nextStep() - 1));
    }
  }

  private CommittedGroup find(long step) throws IOException {
    requireReadable(step);
    if (step < view.state().firstOwn() && ancestry.isPresent()) {
      return ancestry.get().groupOf(step);
    }
    if (lastUnfolded.isEmpty() || !lastUnfolded.get().contains(step)) {
      CondensedCommit commit = view.commitOf(step);
      lastUnfolded =
          Optional.of(UnfoldedPart.of(commit, step, history.segments(), view.state().schemas()));
    }
    return lastUnfolded.get().groupOf(step);
  }

  /**
   * Waits until a step is committed.
   *
   * @return false if the stream is sealed and the step will never be
   * @throws StepUnavailableException if it is not there by the deadline; says what the tail is and
   *     when producers last committed
   */
  public boolean awaitStep(long step, Duration deadline) throws IOException, InterruptedException {
    return new StepWait(this, step, deadline).run();
  }

  /** The cursor of a reader whose next step is this one. */
  public synchronized Cursor cursor(long nextStep, long rules) throws IOException {
    if (ancestry.isPresent() && nextStep <= view.state().firstOwn()) {
      return ancestry.get().cursor(document.id(), nextStep, rules);
    }
    if (nextStep == 0) {
      return new Cursor(document.id(), 0, rules, documentDigest, Digest.ZERO);
    }
    CommittedGroup group = groupOf(nextStep - 1);
    return new Cursor(
        document.id(), nextStep, rules, group.entry(), group.step(nextStep - 1).digest());
  }

  /**
   * Refuses a cursor that is not of this stream and this history. A fork accepts those of the
   * streams that it is a fork of, from before it left them.
   *
   * @return the cursor, as one of this stream
   */
  public synchronized Cursor check(Cursor given) throws IOException {
    Cursor cursor = adopt(given);
    checkOwn(cursor);
    return cursor;
  }

  /** A cursor of an ancestor as one of this stream; its history is still to be checked. */
  synchronized Cursor adopt(Cursor cursor) throws IOException {
    if (cursor.stream().equals(document.id())) {
      return cursor;
    }
    if (ancestry.isEmpty()) {
      throw new InvalidRequestException(
          "the cursor belongs to the stream " + cursor.stream() + ", this is " + document.id());
    }
    return ancestry.get().adopt(document.id(), cursor);
  }

  private void checkOwn(Cursor cursor) throws IOException {
    StreamState state = view.state();
    if (cursor.nextStep() > state.nextStep()) {
      throw new InvalidRequestException(
          "the cursor's next step is "
              + cursor.nextStep()
              + ", the stream has "
              + state.nextStep()
              + " steps: it is of another history");
    }
    if (cursor.nextStep() < state.firstReadable()) {
      throw new StepUnavailableException(
          "the cursor's next step "
              + cursor.nextStep()
              + " was trimmed: the first readable step is "
              + state.firstReadable());
    }
    if (cursor.rules() > state.version()) {
      throw new InvalidRequestException(
          "the cursor's rules version is "
              + cursor.rules()
              + ", the stream is at version "
              + state.version()
              + ": it is of another history");
    }
    // The step before it may be gone, and with it what its digests could be compared with.
    boolean comparable = cursor.nextStep() == 0 || cursor.nextStep() > state.firstReadable();
    if (comparable && !cursor.equals(cursor(cursor.nextStep(), cursor.rules()))) {
      throw new InvalidRequestException(
          "the cursor does not fit: the digests of its last step "
              + (cursor.nextStep() - 1)
              + " are not those of the stream, whose history is another one");
    }
  }

  /** The readable commits as of the last look, to be walked through while the stream goes on. */
  public synchronized CommitWalk commits() {
    return new CommitWalk(
        view.base().map(SnapshotRoot::index).orElse(List.of()),
        view.tail(),
        state(),
        history.segments());
  }

  /**
   * Folds the log up to the last look into a snapshot. Harmless at any time, by anybody, and by
   * several at once. Others may use this stream meanwhile.
   */
  public void writeSnapshot() throws IOException {
    while (true) {
      View now;
      LogFold.Folded folded;
      List<CondensedCommit> tail;
      synchronized (this) {
        now = view;
        folded = view.fold().folded();
        tail = List.copyOf(view.tail());
      }
      if (folded.state().version() == now.baseVersion()) {
        return;
      }
      try {
        write(now.base(), folded, tail);
        return;
      } catch (CorruptObjectException damage) {
        passOver(now, damage);
      }
    }
  }

  private void write(Optional<SnapshotRoot> base, LogFold.Folded folded, List<CondensedCommit> tail)
      throws IOException {
    SnapshotWriter writer = new SnapshotWriter(store, document.id(), environment.uuids());
    Optional<SnapshotRoot> root = writer.write(base, folded, tail);
    if (root.isEmpty()) {
      // If another folder was faster, its segments are those that are kept.
      root = history.snapshots().read(folded.state().version());
    }
    if (root.filter(written -> written.state().equals(folded.state())).isPresent()) {
      goOnFrom(root.get());
    }
  }

  private synchronized void goOnFrom(SnapshotRoot root) {
    long version = root.state().version();
    if (version > view.baseVersion() && version <= view.version()) {
      view = view.rebased(root, history.segments());
      lightenAt = KEPT_ENTRIES;
    }
  }

  /**
   * Folds the log in the background if the one who committed this version is to do so. Never fails
   * and never waits: folding is not needed for correctness.
   */
  public void foldNowAndThen(long committed) {
    if (FoldRhythm.isDue(committed, entriesSinceSnapshot()) && folding.compareAndSet(false, true)) {
      try {
        environment.background().execute(this::foldQuietly);
      } catch (RejectedExecutionException e) {
        folding.set(false);
        LOG.debug("nobody folds the log now: {}", e.getMessage());
      }
    }
  }

  private void foldQuietly() {
    try {
      lightenBy(FoldRhythm.EVERY);
      if (entriesSinceSnapshot() >= FoldRhythm.EVERY / 2) {
        writeSnapshot();
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("the log was not folded, somebody else will: {}", e.getMessage());
    } finally {
      folding.set(false);
    }
  }

  /** Entries folded since the snapshot that this stream goes on from. */
  public synchronized long entriesSinceSnapshot() {
    return view.version() - view.baseVersion();
  }

  /** Lets go of what a follower has kept for long, so that its memory does not grow for ever. */
  private void lighten() {
    if (entriesSinceSnapshot() >= lightenAt) {
      lightenAt = entriesSinceSnapshot() + KEPT_ENTRIES;
      lightenBy(KEPT_ENTRIES);
    }
  }

  /**
   * Lets go of entries for which a snapshot stands by now. Never goes back, and never fails.
   *
   * @param entries look for a snapshot only if so many entries were folded
   */
  private synchronized void lightenBy(long entries) {
    if (entriesSinceSnapshot() < entries) {
      return;
    }
    try {
      history.lighter(view).ifPresent(this::become);
    } catch (IOException | RuntimeException e) {
      LOG.warn("a newer snapshot was not used: {}", e.getMessage());
    }
  }

  private void become(View other) {
    view = other;
    lastUnfolded = Optional.empty();
    lightenAt = Math.max(KEPT_ENTRIES, 2 * entriesSinceSnapshot());
  }

  /** Something that may have to fetch a segment that the snapshot names. */
  @FunctionalInterface
  private interface Lookup<T> {
    T run() throws IOException;
  }

  /** As {@link #lookUp}, for those who promise no {@link IOException}. */
  private <T> T onIntactIndex(Lookup<T> lookup) {
    try {
      return lookUp(lookup);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Verdict applyOnIntactIndex(byte[] content) throws IOException {
    while (true) {
      try {
        return view.apply(content);
      } catch (CorruptObjectException damage) {
        if (!passedOver(damage)) {
          throw damage;
        }
      }
    }
  }

  /**
   * Looks something up; if a segment turns out to be damaged, or to be gone because its folder
   * slept for too long, the history is folded anew from another root that stands for it.
   */
  private <T> T lookUp(Lookup<T> lookup) throws IOException {
    while (true) {
      try {
        return lookup.run();
      } catch (CorruptObjectException damage) {
        passOver(view, damage);
      }
    }
  }

  /**
   * Goes on from another snapshot than the one that names a damaged segment, or one that was
   * removed while its holder slept. If only newer ones are left, that is a look further, as by
   * {@link #refresh()}.
   *
   * @throws CorruptObjectException the damage, if it is none of a segment of a snapshot, or if no
   *     other snapshot helps
   */
  public void passOver(CorruptObjectException damage) throws IOException {
    View damaged;
    synchronized (this) {
      damaged = view;
    }
    passOver(damaged, damage);
  }

  private synchronized void passOver(View damaged, CorruptObjectException damage)
      throws IOException {
    if (view.baseVersion() != damaged.baseVersion()) {
      checkIsOfSnapshot(damage); // another thread has passed over it
    } else if (!passedOver(damage)) {
      goOnFromNewer(damage);
    }
  }

  /** Whether there was another snapshot that says the same. */
  private boolean passedOver(CorruptObjectException damage) throws IOException {
    checkIsOfSnapshot(damage);
    Optional<View> other = history.passOver(view, damage);
    other.ifPresent(this::become);
    return other.isPresent();
  }

  private static void checkIsOfSnapshot(CorruptObjectException damage) {
    if (!damage.object().startsWith(StreamKeys.SEGMENTS + "/")) {
      throw damage;
    }
  }

  /**
   * What we go on from was removed since the last look if the horizon is above it; then a newer
   * snapshot stands for it.
   *
   * @throws CorruptObjectException the damage, if it is real
   */
  private void goOnFromNewer(CorruptObjectException damage) throws IOException {
    checkIsOfSnapshot(damage);
    long horizon = history.snapshots().horizon();
    if (horizon <= view.baseVersion()) {
      throw damage;
    }
    View newer = history.newest(horizon);
    if (newer.version() <= view.version()) {
      throw damage;
    }
    become(newer);
  }

  private List<byte[]> readAhead(long from) throws IOException {
    List<byte[]> found = new ArrayList<>();
    try {
      while (found.size() < READ_AHEAD) {
        found.add(store.get(StreamKeys.entry(from + found.size()), Limits.SMALL_OBJECT_BYTES));
      }
    } catch (ObjectNotFoundException e) {
      // Versions are dense: the first that is missing is the tail.
    }
    return found;
  }

  synchronized Duration commitInterval() {
    return view.commitInterval();
  }
}
