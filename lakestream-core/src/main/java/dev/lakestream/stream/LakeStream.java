// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.error.StreamExistsException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.LogFold;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamDocument;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Verdict;
import dev.lakestream.reader.Cursor;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.snapshot.SegmentReader;
import dev.lakestream.snapshot.SnapshotIndex;
import dev.lakestream.snapshot.SnapshotLedger;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.snapshot.Snapshots;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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
  private static final int NAMED_PRODUCERS = 3;

  /** Entries after which a follower looks for a snapshot, so as not to keep all that it saw. */
  private static final int KEPT_ENTRIES = 1024;

  private final ObjectStore store;
  private final Environment environment;
  private final StreamDocument document;
  private final Digest documentDigest;
  private final Snapshots snapshots;
  private final SegmentReader segments;

  private final List<Consumer<LogEntry>> watchers = new CopyOnWriteArrayList<>();

  private View view;
  private Optional<UnfoldedCommit> lastUnfolded = Optional.empty();
  private long lightenAt = KEPT_ENTRIES;

  private LakeStream(
      ObjectStore store, Environment environment, StreamDocument document, Digest digest) {
    this.store = store;
    this.environment = environment;
    this.document = document;
    this.documentDigest = digest;
    this.snapshots = new Snapshots(store, document.id());
    this.segments = new SegmentReader(store, document.id());
    this.view = View.of(Optional.empty(), LogFold.begin(document, digest), segments);
  }

  /**
   * A fold and the snapshot that it began with. Replaced as a whole: what fails half-way leaves the
   * former one as it was.
   */
  private record View(
      Optional<SnapshotRoot> base,
      Optional<SnapshotLedger> ledger,
      SnapshotIndex index,
      LogFold fold,
      List<CondensedCommit> tail,
      List<Verdict> voids) {
    static View of(Optional<SnapshotRoot> base, LogFold begun, SegmentReader segments) {
      Optional<SnapshotLedger> ledger = base.map(root -> new SnapshotLedger(root, segments));
      return new View(
          base,
          ledger,
          new SnapshotIndex(base.map(SnapshotRoot::index).orElse(List.of()), segments),
          base.map(root -> LogFold.resume(root.state(), ledger.orElseThrow())).orElse(begun),
          new ArrayList<>(),
          new ArrayList<>());
    }

    long version() {
      return fold.state().version();
    }

    long baseVersion() {
      return base.map(root -> root.state().version()).orElse(-1L);
    }

    Verdict apply(byte[] content) throws IOException {
      Verdict verdict;
      try {
        verdict = fold.apply(content);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      verdict.condensed().ifPresent(tail::add);
      if (!verdict.valid()) {
        voids.add(verdict);
      }
      return verdict;
    }
  }

  /**
   * Creates a stream: one put-if-absent, so no half-created stream can exist.
   *
   * @throws StreamExistsException if there is one
   * @throws InvalidRequestException if the definition is not allowed
   */
  public static LakeStream create(
      ObjectStore store, StreamDefinition definition, Environment environment) throws IOException {
    StreamDocument document = document(definition, environment);
    byte[] content = encode(document);
    PutResult result;
    try {
      result = store.putIfAbsent(StreamKeys.STREAM, content);
    } catch (OutcomeUnknownException e) {
      result = store.putIfAbsent(StreamKeys.STREAM, content);
    }
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

  /** What we write must be what any reader accepts: checked before it is put, not after. */
  private static byte[] encode(StreamDocument document) {
    byte[] content = StreamDocumentJson.encode(document);
    if (content.length > Limits.SMALL_OBJECT_BYTES) {
      throw new InvalidRequestException(
          "the schema needs " + content.length + " bytes, at most " + Limits.SMALL_OBJECT_BYTES);
    }
    try {
      StreamDocumentJson.decode(StreamKeys.STREAM.value(), content);
    } catch (CorruptObjectException e) {
      throw new InvalidRequestException("the stream is not allowed: " + e.getMessage());
    }
    return content;
  }

  private static StreamDocument document(StreamDefinition definition, Environment environment) {
    StreamSchema schema =
        new StreamSchema(0, definition.fields(), definition.sequence(), definition.boundaries());
    schema
        .problem()
        .ifPresent(
            problem -> {
              throw new InvalidRequestException("the schema is not allowed: " + problem);
            });
    if (definition.slots() < 1
        || definition.slots() > Limits.SLOTS
        || definition.pieces() < 1
        || definition.pieces() > Limits.PIECES
        || (long) definition.slots() * definition.pieces() > Limits.RUNS) {
      throw new InvalidRequestException(
          "slots must be 1 to "
              + Limits.SLOTS
              + " and pieces 1 to "
              + Limits.PIECES
              + ", at most "
              + Limits.RUNS
              + " together; they are "
              + definition.slots()
              + " and "
              + definition.pieces());
    }
    return new StreamDocument(
        environment.uuids().get(),
        environment.clock().millis(),
        LogEntry.WRITER,
        List.of(),
        schema,
        new Action.Defaults(definition.slots(), definition.pieces()));
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
    stream.view = stream.opened(stream.snapshots.horizon());
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
    return view.fold.state();
  }

  /** What the log said of a producer at the last look. */
  public synchronized Optional<ProducerState> producer(String id) {
    return view.fold.producer(id);
  }

  /** All producers, by id. */
  public synchronized List<ProducerState> producers() {
    Map<String, ProducerState> all = new TreeMap<>();
    view.ledger.ifPresent(
        ledger -> ledger.allProducers().forEach(producer -> all.put(producer.id(), producer)));
    all.putAll(view.fold.touchedProducers());
    return List.copyOf(all.values());
  }

  /** The void entries seen since the snapshot that this stream goes on from. */
  public synchronized List<Verdict> voidEntries() {
    return List.copyOf(view.voids);
  }

  /** Whether the entry of this version was folded one by one, not as a part of a snapshot. */
  public synchronized boolean remembers(long version) {
    return version > view.baseVersion() && version <= view.version();
  }

  /**
   * The first step that the entry of this version made visible.
   *
   * @throws StepUnavailableException if it made none, or they have been trimmed
   */
  public synchronized long firstStepOf(long version) throws IOException {
    long low = view.fold.state().firstReadable();
    long high = view.fold.state().nextStep() - 1;
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
    throw new StepUnavailableException("no readable step is of version " + version);
  }

  /**
   * Why the entry of this version is void; empty if it is valid or older than what is remembered.
   */
  public synchronized Optional<String> voidReason(long version) {
    return view.voids.stream()
        .filter(verdict -> verdict.entry().version() == version)
        .findFirst()
        .flatMap(Verdict::problem);
  }

  /** Why this entry would be void if it were the next one, or empty. */
  public synchronized Optional<String> problemOf(LogEntry entry) {
    return view.fold.problemOf(entry);
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
      List<byte[]> found = readAhead(next);
      // An entry counts only if no horizon above it shows up afterwards, and a missing one is the
      // tail only if it was not removed: a sleeper may wake up below the horizon (format.md §8).
      long horizon = snapshots.horizon();
      if (horizon > next) {
        view = opened(horizon);
        lastUnfolded = Optional.empty();
      } else {
        for (byte[] content : found) {
          Verdict verdict = view.apply(content);
          watchers.forEach(watcher -> watcher.accept(verdict.entry()));
        }
        if (found.size() < READ_AHEAD) {
          return view.fold.state();
        }
      }
    }
  }

  /**
   * The group of steps that this step belongs to.
   *
   * @throws StepUnavailableException if it was trimmed, or not committed at the last look
   */
  public synchronized CommittedGroup groupOf(long step) throws IOException {
    StreamState state = view.fold.state();
    if (step < state.firstReadable()) {
      throw new StepUnavailableException(
          "step " + step + " was trimmed: the first readable step is " + state.firstReadable());
    }
    if (step < 0 || step >= state.nextStep()) {
      throw new StepUnavailableException(
          "step " + step + " is not committed: the tail is " + (state.nextStep() - 1));
    }
    if (lastUnfolded.isEmpty() || !covers(lastUnfolded.get().commit(), step)) {
      CondensedCommit commit = commitOf(step);
      lastUnfolded = Optional.of(UnfoldedCommit.of(commit, segments, state.schemas()));
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
    Instant begin = environment.clock().instant();
    Duration paused = Duration.ZERO;
    int vainLooks = 0;
    StreamState state = state();
    while (step >= state.nextStep()) {
      long before = state.version();
      state = refresh();
      if (step < state.nextStep()) {
        return true;
      }
      if (state.sealed()) {
        return false;
      }
      // A clock may be set back while we wait: what we paused has passed in any case.
      Duration waited = longer(paused, Duration.between(begin, environment.clock().instant()));
      if (waited.compareTo(deadline) >= 0) {
        throw notCommitted(step, waited);
      }
      vainLooks = state.version() == before ? vainLooks + 1 : 0;
      Duration pause = PollRhythm.next(commitInterval(), vainLooks);
      Duration left = deadline.minus(waited);
      Duration chosen = pause.compareTo(left) < 0 ? pause : left;
      environment.pause().forAbout(chosen);
      paused = paused.plus(chosen);
    }
    return true;
  }

  private static Duration longer(Duration left, Duration right) {
    return left.compareTo(right) > 0 ? left : right;
  }

  /** The cursor of a reader whose next step is this one. */
  public synchronized Cursor cursor(long nextStep, long rules) throws IOException {
    if (nextStep == 0) {
      return new Cursor(document.id(), 0, rules, documentDigest, Digest.ZERO);
    }
    CommittedGroup group = groupOf(nextStep - 1);
    return new Cursor(
        document.id(), nextStep, rules, group.entry(), group.step(nextStep - 1).digest());
  }

  /** Refuses a cursor that is not of this stream and this history. */
  public synchronized void check(Cursor cursor) throws IOException {
    if (!cursor.stream().equals(document.id())) {
      throw new InvalidRequestException(
          "the cursor belongs to the stream " + cursor.stream() + ", this is " + document.id());
    }
    StreamState state = view.fold.state();
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

  /** Folds the log up to the last look into a snapshot. Harmless at any time, by anybody. */
  public synchronized void writeSnapshot() throws IOException {
    if (view.version() > view.baseVersion()) {
      SnapshotWriter writer = new SnapshotWriter(store, document.id(), environment.uuids());
      // If another folder was faster, its segments are those that are kept.
      Optional<SnapshotRoot> root = writer.write(view.base, view.fold, view.tail);
      if (root.isEmpty()) {
        root = snapshots.read(view.version());
      }
      if (root.isPresent()) {
        view = View.of(root, view.fold, segments);
        lightenAt = KEPT_ENTRIES;
      }
    }
  }

  /** Entries folded since the snapshot that this stream goes on from. */
  public synchronized long entriesSinceSnapshot() {
    return view.version() - view.baseVersion();
  }

  /** What the newest snapshot says, or the stream before its first entry if there is none. */
  private View opened(long horizon) throws IOException {
    Optional<SnapshotRoot> root = snapshots.newest(horizon);
    if (root.isEmpty() && horizon > 0) {
      throw new CorruptObjectException(
          StreamKeys.SNAPSHOTS.value(),
          "entries below version "
              + horizon
              + " were removed and no readable snapshot stands for them");
    }
    return View.of(root, LogFold.begin(document, documentDigest), segments);
  }

  /**
   * Lets go of entries for which a snapshot stands by now, so that a follower's memory does not
   * grow with the time that it follows. Never goes back, and never fails a look at the tail.
   */
  private void lighten() {
    if (entriesSinceSnapshot() < lightenAt) {
      return;
    }
    lightenAt = entriesSinceSnapshot() + KEPT_ENTRIES;
    try {
      Optional<SnapshotRoot> root = snapshots.newest(view.baseVersion() + 1, view.version());
      if (root.isPresent()) {
        View lighter = View.of(root, view.fold, segments);
        while (lighter.version() < view.version()) {
          lighter.apply(
              store.get(StreamKeys.entry(lighter.version() + 1), Limits.SMALL_OBJECT_BYTES));
        }
        if (lighter.fold.state().digest().equals(view.fold.state().digest())) {
          view = lighter;
          lightenAt = KEPT_ENTRIES;
        }
      }
    } catch (IOException | LakestreamException e) {
      LOG.warn("a newer snapshot was not used: {}", e.getMessage());
    }
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

  private CondensedCommit commitOf(long step) throws IOException {
    List<CondensedCommit> tail = view.tail;
    if (!tail.isEmpty() && step >= tail.get(0).before().steps()) {
      int low = 0;
      int high = tail.size() - 1;
      while (low < high) {
        int middle = (low + high + 1) >>> 1;
        if (tail.get(middle).before().steps() <= step) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return tail.get(low);
    }
    return view.index
        .find(step)
        .orElseThrow(
            () ->
                new CorruptObjectException(
                    StreamKeys.SNAPSHOTS.value(), "no index knows step " + step));
  }

  private static boolean covers(CondensedCommit commit, long step) {
    return commit.before().steps() <= step && step < commit.nextStep();
  }

  private synchronized Duration commitInterval() {
    List<CondensedCommit> tail = view.tail;
    if (tail.size() < 2) {
      return Duration.ZERO;
    }
    int first = Math.max(0, tail.size() - 9);
    long span = tail.get(tail.size() - 1).time() - tail.get(first).time();
    return Duration.ofMillis(span / (tail.size() - 1 - first));
  }

  private StepUnavailableException notCommitted(long step, Duration waited) {
    long now = environment.clock().millis();
    String last =
        producers().stream()
            .filter(producer -> !producer.retired())
            .sorted(Comparator.comparingLong(ProducerState::time).reversed())
            .limit(NAMED_PRODUCERS)
            .map(
                producer ->
                    "producer "
                        + producer.id()
                        + " last committed "
                        + Math.max(0, now - producer.time()) / 1000
                        + " s ago")
            .collect(Collectors.joining(", "));
    return new StepUnavailableException(
        "step "
            + step
            + " is not committed after "
            + waited.toSeconds()
            + " s: the tail is "
            + (state().nextStep() - 1)
            + "; "
            + (last.isEmpty() ? "no producer has ever opened a session" : last));
  }
}
