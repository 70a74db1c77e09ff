// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.error.StreamExistsException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamDocument;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Verdict;
import dev.lakestream.reader.Cursor;
import dev.lakestream.snapshot.IndexRefs;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A stream as its users hold it: what its log said when it was last looked at, and where each step
 * is.
 *
 * <p>Opening reads {@code stream.json}, the newest usable snapshot and the entries after it;
 * nothing else grows with history. A stream never changes under its holder: only {@link #refresh()}
 * looks further.
 *
 * <p>Thread-safe: its monitor guards it, so whoever holds that takes several steps as one. Does not
 * own the store.
 */
public final class LakeStream {
  private final ObjectStore store;
  private final Environment environment;
  private final StreamDocument document;
  private final HistoryReader history;
  private final CurrentView current;
  private final TailFollower follower;
  private final StepFinder steps;
  private final StreamCursors cursors;
  private final LogFolder folder;
  private final PollRhythm rhythm;

  private LakeStream(ObjectStore store, Environment environment, StreamIdentity identity)
      throws IOException {
    this.store = store;
    this.environment = environment;
    this.document = identity.document();
    this.history = new HistoryReader(store, identity);
    this.current = new CurrentView(history);
    this.follower = new TailFollower(store, history, current);
    Optional<Ancestry> ancestry =
        document.fork().map(origin -> new Ancestry(store, environment, origin));
    this.steps = new StepFinder(current, history, ancestry);
    this.cursors = new StreamCursors(identity, current, steps, ancestry);
    this.folder = new LogFolder(store, document.id(), environment, history, current, this);
    this.rhythm = new PollRhythm(environment.clock().instant());
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
    LakeStream stream = new LakeStream(store, environment, StreamIdentity.of(store));
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
    return current.state();
  }

  /**
   * What the log said of a producer at the last look.
   *
   * @throws UncheckedIOException if a part of the snapshot could not be fetched
   */
  public synchronized Optional<ProducerState> producer(String id) {
    return current.lookUpUnchecked(() -> current.get().fold().producer(id));
  }

  /**
   * All producers that there ever were, by id.
   *
   * @throws UncheckedIOException if a part of the snapshot could not be fetched
   */
  public synchronized List<ProducerState> producers() {
    return current.lookUpUnchecked(() -> current.get().producers());
  }

  /** The producers that committed last, by id: not many, however many there ever were. */
  public synchronized List<ProducerState> recentProducers() {
    return current.lookUpUnchecked(() -> current.get().recentProducers());
  }

  /** The void entries seen since the snapshot that this stream goes on from. */
  public synchronized List<Verdict> voidEntries() {
    return List.copyOf(current.get().voids());
  }

  /** Whether the entry of this version was folded one by one, not as a part of a snapshot. */
  public synchronized boolean remembers(long version) {
    return current.get().remembers(version);
  }

  /**
   * Whether the entry of this version is of this commit, as this stream has folded it; false if it
   * does not {@link #remembers remember}.
   */
  public synchronized boolean holds(long version, UUID commit) {
    return current.get().holds(version, commit);
  }

  /**
   * The first step that the entry of this version made visible.
   *
   * @throws StepUnavailableException if it made none, or they have been trimmed
   */
  public synchronized long firstStepOf(long version) throws IOException {
    return steps.firstStepOf(version);
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
    return current.lookUpUnchecked(() -> current.get().fold().versionOfKey(idempotence));
  }

  /** The first step that can be read, as of the last look: a fork can read what its parent can. */
  public synchronized long firstReadable() throws IOException {
    return steps.firstReadable();
  }

  /** As {@link #firstReadable()}, after another look at the log and at those of the parents. */
  public synchronized long refreshFirstReadable() throws IOException {
    refresh();
    steps.refreshAncestors();
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

  /** The id of the stream that a group was committed to: this one, or an ancestor. */
  public synchronized UUID ownerOf(CommittedGroup group) throws IOException {
    return idOf(group.ancestor());
  }

  private synchronized UUID idOf(int level) throws IOException {
    return level == 0 ? id() : steps.parent().idOf(level - 1);
  }

  /**
   * Why the entry of this version is void; empty if it is valid or older than what is remembered.
   */
  public synchronized Optional<String> voidReason(long version) {
    return current.get().voidReason(version);
  }

  /**
   * Why this entry would be void if it were the next one, or empty.
   *
   * @throws UncheckedIOException if a part of the snapshot could not be fetched
   */
  public synchronized Optional<String> problemOf(LogEntry entry) {
    return current.lookUpUnchecked(() -> current.get().fold().problemOf(entry));
  }

  /**
   * Tells of each entry that {@link #refresh()} finds from now on, valid or void, in the order of
   * versions and on the thread that looks; not of those that a snapshot stands for.
   *
   * @return ends it
   */
  public Runnable watch(Consumer<LogEntry> watcher) {
    return follower.watch(watcher);
  }

  /** Reads the log to its tail. */
  public synchronized StreamState refresh() throws IOException {
    follower.refresh();
    return looked();
  }

  /**
   * As {@link #refresh}, for who looks again soon: fewer requests while nothing is committed. It
   * does not make sure that what comes next was not removed, together with all before it, as
   * happens to who sleeps for long; so one look in a few must be a {@link #refresh}.
   */
  synchronized StreamState glance() throws IOException {
    follower.glance();
    return looked();
  }

  private StreamState looked() {
    rhythm.looked(current.state().version(), environment.clock().instant());
    return current.state();
  }

  /**
   * The group of steps that this step belongs to.
   *
   * @throws StepUnavailableException if it was trimmed, or not committed at the last look
   */
  public synchronized CommittedGroup groupOf(long step) throws IOException {
    return steps.groupOf(step);
  }

  /**
   * The commit that made a step visible; of a step from before a fork, that of the stream which
   * committed it, and it may go on beyond the fork.
   *
   * @throws StepUnavailableException as {@link #groupOf}
   */
  public synchronized CondensedCommit commitOf(long step) throws IOException {
    return steps.commitOf(step);
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
    return cursors.at(nextStep, rules);
  }

  /**
   * Refuses a cursor that is not of this stream and this history. A fork accepts those of the
   * streams that it is a fork of, from before it left them.
   *
   * @return the cursor, as one of this stream
   */
  public synchronized Cursor check(Cursor given) throws IOException {
    Cursor cursor = cursors.adopt(given);
    cursors.check(cursor);
    return cursor;
  }

  /** A cursor of an ancestor as one of this stream; its history is still to be checked. */
  synchronized Cursor adopt(Cursor cursor) throws IOException {
    return cursors.adopt(cursor);
  }

  /** The readable commits as of the last look, to be walked through while the stream goes on. */
  public synchronized CommitWalk commits() {
    return new CommitWalk(
        current.get().base().map(SnapshotRoot::index).orElseGet(IndexRefs::none),
        current.get().tail(),
        state(),
        history.segments());
  }

  /**
   * Folds the log up to the last look into a snapshot. Harmless at any time, by anybody, and by
   * several at once. Others may use this stream meanwhile.
   */
  public void writeSnapshot() throws IOException {
    folder.writeSnapshot();
  }

  /**
   * Folds the log in the background if the one who committed this version is to do so. Never fails
   * and never waits: folding is not needed for correctness.
   */
  public void foldNowAndThen(long committed) {
    folder.foldNowAndThen(committed);
  }

  /** Entries folded since the snapshot that this stream goes on from. */
  public synchronized long entriesSinceSnapshot() {
    return current.entriesSinceSnapshot();
  }

  /**
   * Goes on from another snapshot than the one that names a damaged segment, or one that was
   * removed while its holder slept. If only newer ones are left, that is a look further, as by
   * {@link #refresh()}.
   *
   * @throws CorruptObjectException the damage, if it is none of a segment of a snapshot, or if no
   *     other snapshot helps
   */
  public synchronized void passOver(CorruptObjectException damage) throws IOException {
    current.passOver(current.get(), damage);
  }

  /** How long to pause before another look, for somebody who has waited so long in vain. */
  synchronized Duration pauseBeforeLook(Duration waited) {
    return rhythm.next(current.get().commitInterval(), waited, environment.clock().instant());
  }
}
