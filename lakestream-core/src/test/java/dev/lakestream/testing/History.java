// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.fork.Forks;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.LogFold;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.RepeatRange;
import dev.lakestream.log.StreamDocument;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Verdict;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.store.FolderStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * A stream written entry by entry, past the sessions that would refuse what is void: for tests of
 * the fold, and for golden streams. A second passes with each entry.
 */
public final class History {
  private final VirtualTime time;
  private final InspectedStore store;
  private final ObjectStore home;
  private final StreamDocument document;
  private final LogFold fold;
  private final List<byte[]> entries = new ArrayList<>();
  private final List<Verdict> verdicts = new ArrayList<>();
  private final List<CondensedCommit> commits = new ArrayList<>();

  private History(long seed, StreamSchema schema, Backing backing) {
    this.time = new VirtualTime(seed);
    this.store = backing.empty(time);
    this.home = store;
    this.document =
        new StreamDocument(
            time.uuid(),
            time.millis(),
            LogEntry.WRITER,
            List.of(),
            schema,
            new Action.Defaults(8, 1));
    byte[] content = StreamDocumentJson.encode(document);
    store.putIfAbsent(StreamKeys.STREAM, content);
    this.fold = LogFold.begin(document, Digest.of(content));
  }

  private History(History parent, ObjectStore home, byte[] document) {
    this.time = parent.time;
    this.store = parent.store;
    this.home = home;
    this.document = StreamDocumentJson.decode(StreamKeys.STREAM.value(), document);
    this.fold = LogFold.begin(this.document, Digest.of(document));
  }

  /** A fork of this stream, whose own steps begin with this one. Shares store and time with it. */
  public History fork(String name, long step) throws IOException, InterruptedException {
    LakeStream fork = new Forks(LakeStream.open(home, environment())).create(name, step);
    return new History(
        this, fork.store(), fork.store().get(StreamKeys.STREAM, Limits.SMALL_OBJECT_BYTES));
  }

  /** A fork with this document, whether it fits this stream or not. */
  public History fork(String name, byte[] forkDocument) throws IOException {
    ObjectStore forked = FolderStore.ofFork(home, name);
    forked.putIfAbsent(StreamKeys.STREAM, forkDocument);
    return new History(this, forked, forkDocument);
  }

  /** A stream of tokens. */
  public static History begin(long seed) {
    return begin(seed, Backing.memory());
  }

  /** A stream of tokens whose objects are kept there. */
  public static History begin(long seed, Backing backing) {
    return new History(
        seed,
        new StreamSchema(0, List.of(Samples.TOKENS), List.of("tokens"), Optional.empty()),
        backing);
  }

  public static History begin(long seed, StreamSchema schema) {
    return new History(seed, schema, Backing.memory());
  }

  public InspectedStore store() {
    return store;
  }

  /** The stream's own store: for a fork a folder of {@link #store()}. */
  public ObjectStore home() {
    return home;
  }

  public StreamDocument document() {
    return document;
  }

  public Environment environment() {
    return time.environment();
  }

  public UUID uuid() {
    return time.uuid();
  }

  public StreamState state() {
    return fold.state();
  }

  public LogFold fold() {
    return fold;
  }

  /** The bytes of all entries, by version. */
  public List<byte[]> entries() {
    return List.copyOf(entries);
  }

  public List<Verdict> verdicts() {
    return List.copyOf(verdicts);
  }

  public List<CondensedCommit> commits() {
    return List.copyOf(commits);
  }

  /** The next entry, with nothing in it. */
  public LogEntry next() {
    time.pass(Duration.ofSeconds(1));
    return LogEntry.after(fold.state(), time.uuid(), time.millis());
  }

  /** Appends what this makes of the next entry. */
  public Verdict append(UnaryOperator<LogEntry> change) {
    return append(EntryJson.encode(change.apply(next())));
  }

  /** Appends these bytes as the next entry. */
  public Verdict append(byte[] content) {
    Verdict verdict = fold.apply(content);
    put(StreamKeys.entry(verdict.entry().version()), content);
    entries.add(content);
    verdicts.add(verdict);
    verdict.condensed().ifPresent(commits::add);
    return verdict;
  }

  private void delete(ObjectKey key) {
    try {
      home.delete(key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts an object of this stream. */
  public void put(ObjectKey key, byte[] content) {
    try {
      home.putIfAbsent(key, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens the next session of a producer. */
  public Verdict open(String producer) {
    long epoch = fold.producer(producer).map(ProducerState::epoch).orElse(0L) + 1;
    return append(
        entry ->
            entry.with(
                new ProducerStamp(producer, epoch, 0),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                CommitContent.none()));
  }

  /** What the producer's next commit is stamped with. */
  public ProducerStamp nextStamp(String producer) {
    ProducerState known = fold.producer(producer).orElseThrow();
    return new ProducerStamp(producer, known.epoch(), known.sequence() + 1);
  }

  /** A fresh bundle of the producer's session. */
  public BundleDescriptor bundle(String producer, int steps) {
    return Samples.bundle(
        producer, fold.producer(producer).orElseThrow().epoch(), time.uuid(), steps);
  }

  /** Commits one fresh bundle of so many steps. */
  public Verdict commit(String producer, int steps) {
    return commit(producer, Samples.whole(bundle(producer, steps)));
  }

  /** Commits this content, and its last step as the state. */
  public Verdict commit(String producer, CommitContent content) {
    return commit(producer, content, List.of(), Optional.empty());
  }

  public Verdict commit(
      String producer,
      CommitContent content,
      List<Attachment> attachments,
      Optional<String> idempotence) {
    long reached = fold.state().nextStep() + content.totals().steps();
    return append(
        entry ->
            entry.with(
                nextStamp(producer),
                Optional.of("at " + reached),
                attachments,
                idempotence,
                content));
  }

  /** Commits cells of the steps of this range once more. */
  public Verdict repeat(String producer, long from, long to, CommitContent content) {
    return append(
        entry ->
            entry
                .with(
                    nextStamp(producer),
                    Optional.empty(),
                    List.of(),
                    Optional.of("repeat " + entry.version()),
                    content)
                .repeating(new RepeatRange(from, to)));
  }

  /** An operator's entry. */
  public Verdict act(Action... actions) {
    return append(entry -> entry.with(List.of(actions)));
  }

  /** Folds all so far into a snapshot, beginning with an earlier one if there is one. */
  public SnapshotRoot snapshot(SnapshotWriter.Shape shape, Optional<SnapshotRoot> base)
      throws IOException {
    long after = base.map(root -> root.state().version()).orElse(-1L);
    List<CondensedCommit> tail =
        commits.stream().filter(commit -> commit.version() > after).toList();
    return new SnapshotWriter(home, document.id(), time::uuid, shape)
        .write(base, fold.folded(), tail)
        .orElseThrow();
  }

  /** Moves the horizon to a version and removes the entries below it. */
  public void removeBelow(long horizon) {
    put(
        StreamKeys.horizon(horizon),
        SealedJson.seal(
            SealedJson.object()
                .put("lakestream", 1)
                .put("stream", document.id().toString())
                .put("version", horizon)
                .put("time", time.millis())));
    for (long version = 0; version < horizon; version++) {
      ObjectKey key = StreamKeys.entry(version);
      delete(key);
    }
  }
}
