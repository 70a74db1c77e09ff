// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.golden;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.Digest;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.RunLayout;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.retention.Heartbeats;
import dev.lakestream.retention.Pins;
import dev.lakestream.retention.TrimTarget;
import dev.lakestream.retention.Vacuum;
import dev.lakestream.retention.VacuumOptions;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.snapshot.SegmentJson;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.History;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.MemoryStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.Seals;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The golden streams of the log: each one the objects of a stream, good or bad, always the same.
 * Their bundles do not exist. The implementations of all languages are tested against them.
 */
final class GoldenStreams {
  static final SnapshotWriter.Shape SMALL = new SnapshotWriter.Shape(3, 8, 4096, 2, 2);

  /** One producer or key to a segment, two recent producers. */
  private static final SnapshotWriter.Shape SPREAD = new SnapshotWriter.Shape(3, 8, 4096, 2, 1);

  private static final String ENTRY_1 = StreamKeys.entry(1).value();

  /** What a bad stream must cause. */
  record Failure(Optional<String> object, String error, String when, String folder) {
    ObjectNode json() {
      ObjectNode json = SealedJson.object();
      if (!folder.isEmpty()) {
        json.put("open", folder);
      }
      object.ifPresentOrElse(key -> json.put("object", key), () -> json.putNull("object"));
      return json.put("error", error).put("when", when).put("data", false);
    }
  }

  /**
   * A good stream.
   *
   * @param folder of the stream that is to be opened: of a fork, or empty
   */
  record Good(InspectedStore store, String folder) {}

  /** A bad stream and what it must cause. */
  record Bad(InspectedStore store, Failure failure) {}

  private final Map<String, Good> good = new LinkedHashMap<>();
  private final Map<String, Bad> bad = new LinkedHashMap<>();

  GoldenStreams() throws IOException {
    addGood();
    addBadEntries();
    addBadSnapshots();
    addBadStreams();
    addBadFormats();
    bad.putAll(new GoldenIndexes().bad());
    GoldenForks forks = new GoldenForks();
    good.putAll(forks.good());
    bad.putAll(forks.bad());
  }

  Map<String, Good> good() {
    return good;
  }

  Map<String, Bad> bad() {
    return bad;
  }

  // ---------------------------------------------------------------------------------------- good

  private void addGood() throws IOException {
    addGood("empty", History.begin(1));
    addGood("one-commit", oneCommit(2));
    addGood("reopening", reopening());
    addGood("skips-trims-seal", skipsTrimsSeal());
    addGood("schema-evolution", schemaEvolution());
    addGood("all-types", allTypes());
    addGood("cell-groups", cellGroups());
    addGood("commit-segments", commitSegments());
    addGood("attachments", attachments());
    addGood("retire", retire());
    addGood("unknown-fields", unknownFields());
    addGood("step-records", stepRecords());
    addGood("snapshot", snapshotted(12, true));
    addGood("snapshot-with-log", snapshotted(13, false));
    addGood("broken-newest-snapshot", brokenNewestSnapshot());
    addGood("entry-in-the-past", entryInThePast());
    addGood("keyed-nodes", keyedNodes(17));
    good.put("lost-index-segment", new Good(withLost(18, "\"kind\":\"steps\""), ""));
    good.put("lost-index-node", new Good(withLost(19, "\"kind\":\"node\""), ""));
    good.put("lost-producers-segment", new Good(withLost(20, "\"kind\":\"producers\""), ""));
    good.put("lost-producers-node", new Good(withLost(21, "\"kind\":\"producers-node\""), ""));
    good.put("lost-keys-segment", new Good(withLost(22, "\"kind\":\"keys\""), ""));
    addGood("lost-segments-of-all-roots", withoutSegments());
    good.put("hint-behind", new Good(withHint(24, "{\"version\":1}"), ""));
    good.put("hint-beyond-the-tail", new Good(withHint(25, "{\"version\":9007199254740991}"), ""));
    good.put("hint-garbage", new Good(withHint(26, "{\"version\":\"latest\"}"), ""));
    addGood("hint-below-horizon", hintBelowHorizon());
    addGood("vacuumed", vacuumed());
  }

  private void addGood(String name, History history) {
    good.put(name, new Good(history.store(), ""));
  }

  static History oneCommit(long seed) {
    History history = History.begin(seed);
    history.open("tok");
    history.commit("tok", 4);
    return history;
  }

  /** Two producers; one is re-opened, and its former session sends on, in vain. */
  private static History reopening() {
    History history = History.begin(3);
    history.open("a");
    history.commit("a", 2);
    history.open("b");
    history.commit("b", 3);
    history.open("a");
    BundleDescriptor zombie = Samples.bundle("a", 1, history.uuid(), 2);
    history.append(
        entry ->
            entry.with(
                new ProducerStamp("a", 1, 2),
                Optional.of("from the grave"),
                List.of(),
                Optional.empty(),
                Samples.whole(zombie)));
    history.commit("a", 1);
    history.append( // its time is before that of its predecessor
        entry ->
            EntryJson.decode(
                "x",
                entry.version(),
                Seals.seal(
                    Seals.unseal(EntryJson.encode(entry))
                        .replaceFirst("\"time\":\\d+", "\"time\":0"))));
    history.append( // the same opening again
        entry ->
            entry.with(
                new ProducerStamp("b", 1, 0),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                CommitContent.none()));
    history.commit("b", Samples.whole(history.bundle("b", 1)), List.of(), Optional.of("k"));
    history.commit("b", Samples.whole(history.bundle("b", 1)), List.of(), Optional.of("k"));
    history.commit("b", 2);
    return history;
  }

  private static History skipsTrimsSeal() {
    History history = History.begin(4);
    history.open("tok");
    history.commit("tok", 6);
    history.act(new Action.Skip(2, 4, "loss spike"));
    history.act(new Action.Skip(6, 7, "not there yet: void"));
    history.commit("tok", 6);
    long intent = history.act(new Action.TrimIntent(5)).entry().version();
    history.act(new Action.Trim(6, intent)); // beyond its intent: void
    history.act(new Action.CancelIntent(intent));
    history.act(new Action.Trim(5, intent)); // cancelled: void
    long second = history.act(new Action.TrimIntent(8)).entry().version();
    history.act(new Action.Trim(3, second));
    history.act(new Action.Skip(9, 10, "typo in the source"));
    history.act(new Action.TrimIntent(7));
    history.append(
        entry ->
            entry
                .with(
                    history.nextStamp("tok"),
                    Optional.of("the end"),
                    List.of(),
                    Optional.empty(),
                    Samples.whole(history.bundle("tok", 2)))
                .with(List.of(new Action.Seal())));
    history.commit("tok", 1); // sealed: void
    history.act(new Action.Defaults(4, 1)); // sealed: void
    history.act(new Action.Skip(13, 14, "after the fact"));
    return history;
  }

  static StreamSchema wider(int id) {
    List<Field> fields = new ArrayList<>(List.of(Samples.TOKENS));
    for (int i = 1; i <= id; i++) {
      fields.add(Field.nullable("score_" + i, ColumnType.Simple.FLOAT32));
    }
    return new StreamSchema(id, fields, List.of("tokens"), Optional.empty());
  }

  static BundleDescriptor withSchema(BundleDescriptor bundle, int schema) {
    return new BundleDescriptor(
        bundle.key(),
        bundle.bytes(),
        BundleFormat.ARROW,
        schema,
        bundle.steps(),
        bundle.slots(),
        bundle.pieces(),
        bundle.runs());
  }

  private static History schemaEvolution() {
    History history = History.begin(5);
    history.open("tok");
    history.commit("tok", 2);
    history.act(new Action.AddSchema(wider(1)), new Action.Defaults(16, 2));
    history.commit("tok", Samples.whole(withSchema(history.bundle("tok", 2), 1)));
    history.commit("tok", 1); // an old bundle is legal after the new schema
    history.commit("tok", Samples.whole(withSchema(history.bundle("tok", 1), 2))); // void
    history.act(new Action.AddSchema(wider(1))); // id taken: void
    history.act(new Action.AddSchema(wider(2)));
    history.commit("tok", Samples.whole(withSchema(history.bundle("tok", 1), 2)));
    return history;
  }

  private static History allTypes() {
    List<Field> fields = new ArrayList<>();
    for (ColumnType.Simple type : ColumnType.Simple.values()) {
      fields.add(Field.nullable(type.label(), type));
    }
    fields.add(Field.required("fixed", new ColumnType.FixedSizeBinary(16)));
    fields.add(Field.required("decimal", new ColumnType.Decimal128(38, 10)));
    for (ColumnType.Unit unit : ColumnType.Unit.values()) {
      fields.add(
          Field.nullable(
              "timestamp_" + unit.label(), new ColumnType.Timestamp(unit, Optional.empty())));
      fields.add(Field.nullable("duration_" + unit.label(), new ColumnType.Duration(unit)));
    }
    fields.add(
        Field.nullable("zoned", new ColumnType.Timestamp(ColumnType.Unit.US, Optional.of("UTC"))));
    fields.add(Field.nullable("time32", new ColumnType.Time32(ColumnType.Unit.MS)));
    fields.add(Field.nullable("time64", new ColumnType.Time64(ColumnType.Unit.NS)));
    for (ColumnType.IntervalUnit unit : ColumnType.IntervalUnit.values()) {
      fields.add(Field.nullable("interval_" + unit.label(), new ColumnType.Interval(unit)));
    }
    Field item = Field.required("item", ColumnType.Simple.INT32);
    fields.add(Field.required("tokens", new ColumnType.FixedSizeList(item, 2048)));
    fields.add(Field.required("starts", new ColumnType.ListOf(item)));
    fields.add(Field.nullable("large", new ColumnType.LargeListOf(item)));
    fields.add(
        Field.nullable(
            "map", new ColumnType.MapOf(Field.required("key", ColumnType.Simple.UTF8), item)));
    ColumnType deep = ColumnType.Simple.INT8;
    for (int depth = 15; depth > 0; depth--) {
      deep = new ColumnType.Struct(List.of(Field.nullable("level_" + depth, deep)));
    }
    fields.add(Field.nullable("deep", deep));
    fields.add(Field.nullable("n\u00e4me \uD83D\uDE00", ColumnType.Simple.BOOL));
    fields.add(Field.nullable("_sample_id", ColumnType.Simple.INT64));
    fields.add(Field.nullable("_source", ColumnType.Simple.UTF8));
    History history =
        History.begin(6, new StreamSchema(0, fields, List.of("tokens"), Optional.of("starts")));
    history.open("tok");
    history.commit("tok", 1);
    return history;
  }

  /** Steps of cells of several bundles; runs of unequal length; pieces. */
  private static History cellGroups() {
    History history = History.begin(7);
    history.open("tok");
    BundleDescriptor first = history.bundle("tok", 2);
    BundleDescriptor second = history.bundle("tok", 1);
    history.commit(
        "tok",
        new CommitContent.Inline(
            List.of(first, second),
            List.of(
                new StepGroup.BundleGroup(1, List.of(Samples.step("whole"))),
                new StepGroup.CellGroup(
                    List.of(new CellRange(0, 0, 5, 1), new CellRange(1, 7, 1, 0)),
                    Samples.step("gathered")),
                new StepGroup.CellGroup(
                    List.of(new CellRange(0, 5, 3, 0)), Samples.step("short")))));
    BundleDescriptor uneven =
        new BundleDescriptor(
            StreamKeys.bundle("tok", 1, history.uuid()),
            6400,
            BundleFormat.ARROW,
            0,
            1,
            2,
            2,
            RunLayout.of(new long[] {384, 512, 1024, 1088, 6336}));
    history.commit("tok", Samples.whole(uneven));
    return history;
  }

  static SegmentRef putSegment(History history, String producer, CommitContent.Inline content) {
    long epoch = history.fold().producer(producer).orElseThrow().epoch();
    ObjectKey key = StreamKeys.commitSegment(producer, epoch, history.uuid());
    byte[] bytes = SegmentJson.encodeContent(history.document().id(), content);
    history.put(key, bytes);
    return new SegmentRef(key, bytes.length, Digest.of(bytes), content.totals());
  }

  private static History commitSegments() {
    History history = History.begin(8);
    history.open("tok");
    history.commit("tok", 1);
    SegmentRef first = putSegment(history, "tok", Samples.whole(history.bundle("tok", 3)));
    SegmentRef second = putSegment(history, "tok", Samples.whole(history.bundle("tok", 2)));
    history.commit("tok", new CommitContent.Segmented(List.of(first, second)));
    history.commit("tok", 1);
    history.commit("tok", new CommitContent.Segmented(List.of(first, first))); // void
    return history;
  }

  private static History attachments() {
    History history = History.begin(9);
    history.open("tok");
    BundleDescriptor rest = history.bundle("tok", 1);
    BundleDescriptor other = history.bundle("tok", 1);
    history.commit(
        "tok",
        Samples.whole(history.bundle("tok", 1)),
        List.of(new Attachment("rest-0", rest), new Attachment("rest-1", other)),
        Optional.empty());
    history.open("tok"); // keeps them
    history.commit(
        "tok",
        new CommitContent.Inline(
            List.of(rest), List.of(new StepGroup.BundleGroup(0, List.of(Samples.step("rest"))))),
        List.of(new Attachment("rest-1", other)),
        Optional.empty());
    history.commit("tok", Samples.whole(rest)); // no attachment any more: void
    return history;
  }

  private static History retire() {
    History history = History.begin(10);
    history.open("a");
    history.commit("a", 1);
    history.open("b");
    history.act(new Action.Retire("b", 2)); // not its epoch: void
    history.act(new Action.Retire("a", 1), new Action.Retire("b", 1));
    history.append(
        entry ->
            entry.with(
                new ProducerStamp("a", 1, 2),
                Optional.of("zombie"),
                List.of(),
                Optional.empty(),
                CommitContent.none()));
    history.open("a");
    history.commit("a", 1);
    return history;
  }

  /** Members that nobody knows, everywhere; empty lists in the place of absent ones. */
  private static History unknownFields() {
    History history = History.begin(11);
    String unknown = ",\"x_list\":[null,-1,1.5e300,{\"deep\":[[]]}],\"x_text\":\"\\u2028\"";
    history.append(
        entry ->
            entry.with(
                new ProducerStamp("tok", 1, 0),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                CommitContent.none()));
    byte[] commit =
        EntryJson.encode(
            history
                .next()
                .with(
                    new ProducerStamp("tok", 1, 1),
                    Optional.of("s"),
                    List.of(),
                    Optional.empty(),
                    Samples.whole(history.bundle("tok", 1))));
    history.append(
        Seals.seal(
            Seals.unseal(commit)
                    .replace("\"sequence\":1", "\"sequence\":1" + unknown)
                    .replace("\"pieces\":1", "\"pieces\":1" + unknown)
                    .replace("\"stride\":", "\"starts\":[],\"x_stride\":-7,\"stride\":")
                    .replace("\"bundle\":0", "\"bundle\":-0,\"cells\":[]")
                    .replace("\"rows\":", "\"x_rows\":0.5,\"rows\":")
                + ",\"attachments\":[],\"segments\":[],\"actions\":[],\"requires\":[]"
                + unknown));
    String act = Seals.unseal(EntryJson.encode(history.next()));
    history.append(
        Seals.seal(
            act + ",\"actions\":[{\"type\":\"defaults\",\"slots\":4,\"pieces\":2,\"x\":1}]"));
    return history;
  }

  private static History stepRecords() {
    History history = History.begin(14);
    history.open("tok");
    StepRecord full =
        new StepRecord(
            512,
            1_048_576,
            1_040_000,
            Samples.step("full").digest(),
            Map.of("web", 300L, "c\u00f6de", 212L),
            List.of("warmup", "\uD83D\uDE00".repeat(64)),
            Map.of("lr", "3e-4", "\u00fc", ""));
    StepRecord empty = StepRecord.of(0, 0, Samples.step("empty").digest());
    history.commit(
        "tok",
        new CommitContent.Inline(
            List.of(history.bundle("tok", 2)),
            List.of(new StepGroup.BundleGroup(0, List.of(full, empty)))));
    return history;
  }

  /** Index nodes, segments of producers and keys; perhaps without the log below the snapshot. */
  private static History snapshotted(long seed, boolean removed) throws IOException {
    History history = History.begin(seed);
    for (String producer : List.of("a", "b", "c", "d", "e")) {
      history.open(producer);
    }
    Optional<SnapshotRoot> root = Optional.empty();
    for (int i = 0; i < 24; i++) {
      String producer = List.of("a", "b", "c", "d", "e").get(i * 7 % 5);
      history.commit(
          producer,
          Samples.whole(history.bundle(producer, 1 + i % 3)),
          List.of(),
          i % 4 == 0 ? Optional.of("key-" + i * 5 % 17) : Optional.empty());
      if (i % 6 == 5) {
        history.act(new Action.Skip(i, i + 1, "skip " + i));
        root = Optional.of(history.snapshot(SMALL, root));
      }
    }
    long intent = history.act(new Action.TrimIntent(9)).entry().version();
    history.act(new Action.Trim(5, intent));
    history.act(new Action.AddSchema(wider(1)), new Action.Retire("e", 1));
    history.act(new Action.TrimIntent(10));
    root = Optional.of(history.snapshot(SMALL, root));
    history.commit("a", 2);
    history.open("b");
    history.commit("c", Samples.whole(history.bundle("c", 1)), List.of(), Optional.of("key-0"));
    if (removed) {
      history.removeBelow(root.get().state().version());
    }
    return history;
  }

  private static History brokenNewestSnapshot() throws IOException {
    History history = oneCommit(15);
    SnapshotRoot older = history.snapshot(SMALL, Optional.empty());
    history.commit("tok", 2);
    SnapshotRoot newer = history.snapshot(SMALL, Optional.of(older));
    history.commit("tok", 1);
    String key = StreamKeys.snapshot(newer.state().version()).value();
    byte[] content = history.store().contents().get(key);
    history.store().damage(key, Arrays.copyOf(content, content.length / 2));
    return history;
  }

  /** A stalled writer has put an entry below the horizon: it counts for nobody. */
  private static History entryInThePast() throws IOException {
    History history = snapshotted(16, true);
    history.store().putIfAbsent(StreamKeys.entry(3), "stalled".getBytes(UTF_8));
    return history;
  }

  /**
   * Producers and keys by name, in trees of several levels; some producers were silent for long.
   */
  private static History keyedNodes(long seed) throws IOException {
    History history = History.begin(seed);
    Optional<SnapshotRoot> root = Optional.empty();
    for (int i = 0; i < 12; i++) {
      String producer = "p" + i * 7 % 12;
      history.open(producer);
      history.commit(
          producer,
          Samples.whole(history.bundle(producer, 1)),
          List.of(),
          Optional.of(List.of("k", "\u00e4", "\uFFFD", "\uD83D\uDE00").get(i % 4) + i));
      if (i % 4 == 3) {
        root = Optional.of(history.snapshot(SPREAD, root));
      }
    }
    history.commit("p0", 1); // silent for long, and back
    history.act(new Action.Retire("p7", 1));
    history.open("q");
    history.snapshot(SPREAD, root);
    history.commit("p7", 1); // retired: void
    history.commit("p9", Samples.whole(history.bundle("p9", 1)), List.of(), Optional.of("k0"));
    history.commit("p2", Samples.whole(history.bundle("p2", 1)), List.of(), Optional.of("k1"));
    return history;
  }

  /** The newest root names a segment of this kind that is gone; there is one before. */
  private static InspectedStore withLost(long seed, String kind) throws IOException {
    History history = History.begin(seed);
    Optional<SnapshotRoot> root = Optional.empty();
    for (int i = 0; i < 8; i++) {
      String producer = "p" + i % 5;
      if (i < 5) {
        history.open(producer);
      }
      history.commit(
          producer, Samples.whole(history.bundle(producer, 2)), List.of(), Optional.of("k" + i));
      if (i == 3) {
        root = Optional.of(history.snapshot(SPREAD, root));
        history.removeBelow(root.get().state().version());
      }
    }
    InspectedStore store = history.store();
    List<String> older = store.keys("segments");
    root = Optional.of(history.snapshot(SPREAD, root));
    for (int i = 0; i < 5; i++) {
      String producer = "p" + i;
      history.commit(
          producer, Samples.whole(history.bundle(producer, 1)), List.of(), Optional.of("l" + i));
    }
    history.commit("p3", Samples.whole(history.bundle("p3", 1)), List.of(), Optional.of("k2"));
    int lost = 0;
    for (String key : store.keys("segments")) {
      if (!older.contains(key) && Seals.unseal(store.contents().get(key)).contains(kind)) {
        store.delete(ObjectKey.of(key));
        lost++;
      }
    }
    if (lost == 0) {
      throw new IllegalStateException("no segment has " + kind);
    }
    return store;
  }

  /** No root is of any use, but nothing of the log was removed. */
  private static History withoutSegments() throws IOException {
    History history = oneCommit(23);
    SnapshotRoot root = history.snapshot(SMALL, Optional.empty());
    history.commit("tok", 2);
    history.snapshot(SMALL, Optional.of(root));
    history.commit("tok", 1);
    history.store().keys("segments").forEach(key -> history.store().damage(key, new byte[100]));
    return history;
  }

  /** Two roots, and a hint that does not name the newer one. */
  private static InspectedStore withHint(long seed, String hint) throws IOException {
    History history = oneCommit(seed);
    SnapshotRoot older = history.snapshot(SMALL, Optional.empty());
    history.commit("tok", 2);
    history.snapshot(SMALL, Optional.of(older));
    history.commit("tok", 1);
    InspectedStore store = history.store();
    store.damage(StreamKeys.HINT.value(), Seals.seal(hint.substring(0, hint.length() - 1)));
    return store;
  }

  /** The root that the hint names is readable, and too old. */
  private static History hintBelowHorizon() throws IOException {
    History history = oneCommit(27);
    SnapshotRoot older = history.snapshot(SMALL, Optional.empty());
    history.commit("tok", 2);
    byte[] hint = history.store().contents().get(StreamKeys.HINT.value());
    SnapshotRoot newer = history.snapshot(SMALL, Optional.of(older));
    history.commit("tok", 1);
    history.removeBelow(newer.state().version());
    history.store().damage(StreamKeys.HINT.value(), hint);
    return history;
  }

  /**
   * What a trim, held by a pin, and two vacuums leave; and what is beside the log: a pin, a
   * heartbeat, the clock, a horizon. A producer was fenced before it ever opened.
   */
  private static History vacuumed() throws IOException {
    History history = snapshotted(28, false);
    history
        .store()
        .putIfAbsent(StreamKeys.bundle("nobody", 1, history.uuid()), "garbage".getBytes(UTF_8));
    LakeStream stream = LakeStream.open(history.store(), history.environment());
    VacuumOptions options =
        new VacuumOptions(
            Optional.of(new TrimTarget.ToStep(20)),
            Duration.ofMinutes(15),
            Duration.ofMinutes(30),
            Duration.ofDays(1),
            false);
    try {
      new Heartbeats(stream).beat("run-7", 30);
      new Pins(stream).pin("run-7", "step-13", 13, Optional.empty());
      for (int i = 0; i < 2; i++) {
        history.environment().pause().forAbout(Duration.ofHours(1));
        new Vacuum(stream, options).run();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return history;
  }

  // ----------------------------------------------------------------------------------------- bad

  private void addBad(String name, InspectedStore store, String object, String error, String when) {
    bad.put(name, new Bad(store, new Failure(Optional.ofNullable(object), error, when, "")));
  }

  /** Entry 1 of a stream with one commit, changed. */
  private void addBadEntry(String name, String error, UnaryOperator<byte[]> change) {
    InspectedStore store = oneCommit(100 + bad.size()).store();
    store.damage(ENTRY_1, change.apply(store.contents().get(ENTRY_1)));
    addBad(name, store, ENTRY_1, error, "open");
  }

  private void addResealed(String name, String from, String to) {
    addResealed(name, "corrupt", from, to);
  }

  private void addResealed(String name, String error, String from, String to) {
    addBadEntry(
        name,
        error,
        content -> {
          String body = Seals.unseal(content);
          String changed = body.replaceFirst(from, java.util.regex.Matcher.quoteReplacement(to));
          if (changed.equals(body)) {
            throw new IllegalStateException(name + " changes nothing of " + body);
          }
          return Seals.seal(changed);
        });
  }

  private void addBadFormats() {
    addBadEntry(
        "format-of-another-key",
        "corrupt",
        content ->
            parquet(
                Seals.unseal(content)
                    .replace("\"state\"", "\"requires\":[\"parquet\"],\"state\"")));
    addBadEntry(
        "parquet-not-required",
        "corrupt",
        content -> parquet(Seals.unseal(content).replace(".arrow\"", ".parquet\"")));
  }

  private static byte[] parquet(String body) {
    return Seals.seal(body.replace("\"format\":\"arrow\"", "\"format\":\"parquet\""));
  }

  private void addBadEntries() {
    addBadEntry("entry-empty", "corrupt", content -> new byte[0]);
    addBadEntry(
        "entry-truncated", "corrupt", content -> Arrays.copyOf(content, content.length - 7));
    addBadEntry(
        "entry-torn",
        "corrupt",
        content -> {
          byte[] torn = content.clone();
          Arrays.fill(torn, torn.length / 2, torn.length, (byte) 0);
          return torn;
        });
    addBadEntry(
        "entry-flipped",
        "corrupt",
        content -> {
          byte[] flipped = content.clone();
          flipped[flipped.length / 2] ^= 1;
          return flipped;
        });
    addBadEntry(
        "entry-not-utf8",
        "corrupt",
        content -> {
          byte[] body = Seals.unseal(content).replace("at 4", "at \u00ff").getBytes(UTF_8);
          for (int i = 0; i < body.length; i++) {
            body[i] = body[i] == (byte) 0xC3 ? (byte) 0xFF : body[i];
          }
          return Seals.seal(body);
        });
    addBadEntry("entry-of-another-version", "corrupt", content -> oneCommitBytes(0));
    addResealed(
        "entry-broken-chain", "\"prev\":\"[0-9a-f]{64}\"", "\"prev\":\"" + Digest.ZERO + "\"");
    addResealed(
        "entry-duplicate-member",
        "\"state\":\"at 4\"",
        "\"state\":\"at 4\",\"st\\u0061te\":\"at 5\"");
    addResealed(
        "entry-deep", "\"state\"", "\"x\":" + "[".repeat(64) + "]".repeat(64) + ",\"state\"");
    addResealed("entry-lone-surrogate", "\"at 4\"", "\"\\ud800\"");
    addResealed("entry-float", "\"first_step\":0", "\"first_step\":0.0");
    addResealed("entry-negative", "\"first_step\":0", "\"first_step\":-1");
    addResealed("entry-too-large-integer", "\"first_row\":0", "\"first_row\":9007199254740992");
    addResealed("entry-string-for-integer", "\"first_step\":0", "\"first_step\":\"0\"");
    addResealed("entry-null-for-string", "\"state\":\"at 4\"", "\"state\":null");
    addResealed("entry-absent-member", "\"first_token\":0,", "");
    addResealed("entry-producer-missing", "\"producer\":\\{[^}]*\\},", "");
    addResealed("entry-epoch-zero", "\"epoch\":1", "\"epoch\":0");
    addResealed("entry-state-too-long", "\"at 4\"", "\"" + "\u00e4".repeat(2049) + "\"");
    addResealed("key-parent", "\"key\":\"[^\"]*\"", "\"key\":\"../x\"");
    addResealed("key-parent-inside", "\"key\":\"data/", "\"key\":\"data/../../");
    addResealed("key-absolute", "\"key\":\"[^\"]*\"", "\"key\":\"/etc/passwd\"");
    addResealed("key-empty", "\"key\":\"[^\"]*\"", "\"key\":\"\"");
    addResealed("key-hidden", "\"key\":\"data/", "\"key\":\".tmp/");
    addResealed(
        "requires-unknown", "unsupported", "\"state\"", "\"requires\":[\"time-travel\"],\"state\"");
    addResealed(
        "action-unknown",
        "unsupported",
        "\"state\"",
        "\"actions\":[{\"type\":\"rewind\"}],\"state\"");
    addResealed(
        "runs-overflow",
        "\"base\":384,\"stride\":\\d+",
        "\"base\":9007199254740928,\"stride\":9007199254740928");
    addResealed("runs-beyond-end", "\"bytes\":\\d+", "\"bytes\":2943");
    addResealed("runs-unaligned", "\"base\":384", "\"base\":385");
    addResealed(
        "runs-unordered",
        "\"base\":384,\"stride\":\\d+",
        "\"starts\":[384,448,512,448,640,704,768,832,896]");
    addResealed("runs-too-few", "\"base\":384,\"stride\":\\d+", "\"starts\":[384,448]");
    addResealed(
        "runs-both",
        "\"base\":384",
        "\"starts\":[64,128,192,256,320,384,448,512,576],\"base\":384");
    addResealed("slots-zero", "\"slots\":8", "\"slots\":0");
    addResealed(
        "slots-times-pieces", "\"slots\":8,\"pieces\":1", "\"slots\":65536,\"pieces\":1024");
    addResealed("format-unknown", "\"format\":\"arrow\"", "\"format\":\"orc\"");
    addResealed("group-index-outside", "\"bundle\":0", "\"bundle\":1");
    addResealed("group-too-few-records", "\"steps\":4", "\"steps\":5");
    addResealed(
        "group-cells-outside",
        "\"steps\":\\[\\{\"bundle\":0,",
        "\"steps\":[{\"cells\":[[0,4,5,0]],\"steps\":[{\"rows\":1,\"tokens\":1,\"digest\":\""
            + Digest.ZERO
            + "\"}]},{\"bundle\":0,");
    addResealed(
        "group-no-slot",
        "\"steps\":\\[\\{\"bundle\":0,",
        "\"steps\":[{\"cells\":[],\"steps\":[{\"rows\":1,\"tokens\":1,\"digest\":\""
            + Digest.ZERO
            + "\"}]},{\"bundle\":0,");
    addResealed("totals-overflow", "\"rows\":16", "\"rows\":9007199254740991");
    addResealed(
        "segments-and-steps",
        "\"bundles\":\\[",
        "\"segments\":[{\"key\":\"data/x\",\"bytes\":1,\"sha256\":\""
            + Digest.ZERO
            + "\",\"steps\":1,\"rows\":1,\"tokens\":1}],\"bundles\":[");
  }

  private byte[] oneCommitBytes(long version) {
    return oneCommit(100 + bad.size()).store().contents().get(StreamKeys.entry(version).value());
  }

  private void addBadSnapshots() throws IOException {
    InspectedStore missing = snapshotted(200, true).store();
    missing.keys("snapshots").forEach(key -> missing.delete(ObjectKey.of(key)));
    addBad("snapshot-missing", missing, "snapshots", "corrupt", "open");

    History foreign = snapshotted(201, true);
    for (String key : foreign.store().keys("snapshots")) {
      byte[] root = foreign.store().contents().get(key);
      foreign
          .store()
          .damage(
              key,
              Seals.changed(
                  root,
                  body ->
                      body.replace(foreign.document().id().toString(), foreign.uuid().toString())));
    }
    addBad("snapshot-of-another-stream", foreign.store(), "snapshots", "corrupt", "open");

    InspectedStore tooOld = snapshotted(202, true).store();
    List<String> roots = tooOld.keys("snapshots");
    tooOld.delete(ObjectKey.of(roots.get(roots.size() - 1)));
    addBad("snapshot-below-horizon", tooOld, "snapshots", "corrupt", "open");

    InspectedStore newer = snapshotted(203, true).store();
    String newest = newer.keys("snapshots").get(newer.keys("snapshots").size() - 1);
    newer.damage(
        newest,
        Seals.changed(
            newer.contents().get(newest),
            body -> body.replace("\"requires\":[]", "\"requires\":[\"time-travel\"]")));
    addBad("snapshot-requires-unknown", newer, newest, "unsupported", "open");

    addBadLeaf(
        "index-segment-wrong-sha256",
        (store, leaf) -> {
          byte[] content = store.contents().get(leaf);
          store.damage(
              leaf,
              Seals.seal(
                  Seals.unseal(content).replaceFirst("\"time\":(\\d*)\\d,", "\"time\":$17,")));
        });
    addBadLeaf("index-segment-missing", (store, leaf) -> store.delete(ObjectKey.of(leaf)));
    addBadSegment(
        "index-segment-not-dense", "\"kind\":\"steps\"", "first_row\":0", "first_row\":1");
    addBadSegment("producers-segment-out-of-place", "\"kind\":\"producers\"", "\"tok\"", "\"tor\"");
    addBadNode(
        "index-node-of-other-rows", "\"kind\":\"node\"", "\"first_row\":0", "\"first_row\":1");
    addBadNode(
        "index-node-not-above-its-children", "\"kind\":\"node\"", GoldenIndexes::withHigherChild);
    addBadNode(
        "producers-node-of-another-kind", "\"kind\":\"producers-node\"", "producers", "keys");
    addBadNode(
        "producers-node-wrong-count", "\"kind\":\"producers-node\"", "\"count\":1", "\"count\":2");
    addBadNode("keys-node-unordered", "\"kind\":\"keys-node\"", "\"first\":\"k", "\"first\":\"z");
  }

  private interface Damage {
    void to(InspectedStore store, String leaf);
  }

  /** A snapshot of one leaf, damaged. */
  private void addBadLeaf(String name, Damage damage) throws IOException {
    History history = oneCommit(204 + bad.size());
    SnapshotRoot root = history.snapshot(SMALL, Optional.empty());
    history.removeBelow(root.state().version());
    String leaf = root.index().get(0).where().key().value();
    damage.to(history.store(), leaf);
    addBad(name, history.store(), leaf, "corrupt", "read");
  }

  /** A snapshot that names a segment which is not what it must be, by its right digest. */
  private void addBadSegment(String name, String kind, String from, String to) throws IOException {
    History history = oneCommit(204 + bad.size());
    addBadSegment(name, history, SMALL, kind, content -> replaced(content, from, to));
  }

  private void addBadNode(String name, String kind, String from, String to) throws IOException {
    addBadNode(name, kind, content -> replaced(content, from, to));
  }

  private static byte[] replaced(byte[] sealed, String from, String to) {
    return Seals.changed(sealed, body -> body.replace(from, to));
  }

  private void addBadNode(String name, String kind, UnaryOperator<byte[]> damage)
      throws IOException {
    History history = History.begin(204 + bad.size());
    for (int i = 0; i < 5; i++) {
      String producer = "p" + i;
      history.open(producer);
      history.commit(
          producer, Samples.whole(history.bundle(producer, 2)), List.of(), Optional.of("k" + i));
    }
    SnapshotWriter.Shape flat = new SnapshotWriter.Shape(1, 8, 4096, 5, 1, 8, 1, 4096, 1, 2);
    addBadSegment(name, history, flat, kind, damage);
  }

  private void addBadSegment(
      String name,
      History history,
      SnapshotWriter.Shape shape,
      String kind,
      UnaryOperator<byte[]> damage)
      throws IOException {
    long version = history.snapshot(shape, Optional.empty()).state().version();
    history.removeBelow(version);
    boolean keys = kind.contains("keys");
    if (keys) { // They are looked up for an entry that has one.
      history.commit("p1", Samples.whole(history.bundle("p1", 1)), List.of(), Optional.of("k1"));
    }
    InspectedStore store = history.store();
    for (String key : store.keys("segments")) {
      byte[] content = store.contents().get(key);
      byte[] changed = damage.apply(content);
      if (Seals.unseal(content).contains(kind)
          && !Arrays.equals(changed, content)
          && !bad.containsKey(name)) {
        store.damage(key, changed);
        String root = StreamKeys.snapshot(version).value();
        store.damage(root, GoldenIndexes.naming(changed, content, store.contents().get(root)));
        addBad(name, store, key, "corrupt", keys ? "open" : "read");
      }
    }
    if (!bad.containsKey(name)) {
      throw new IllegalStateException("no segment has " + kind + " and what is to be changed");
    }
  }

  private void addBadStreams() {
    addBad("stream-missing", new MemoryStore(), null, "not_found", "open");

    InspectedStore newer = History.begin(300).store();
    resealStream(newer, "\"lakestream\":1", "\"lakestream\":2");
    addBad("stream-newer-format", newer, "stream.json", "unsupported", "open");

    InspectedStore requires = History.begin(301).store();
    resealStream(requires, "\"requires\":[]", "\"requires\":[\"time-travel\"]");
    addBad("stream-requires-unknown", requires, "stream.json", "unsupported", "open");

    InspectedStore swapped = History.begin(302).store();
    resealStream(swapped, "\"type\":\"defaults\"", "\"type\":\"intent\",\"to\":0");
    addBad("stream-without-defaults", swapped, "stream.json", "corrupt", "open");

    InspectedStore nullable = History.begin(303).store();
    resealStream(nullable, "\"nullable\":false", "\"nullable\":true");
    addBad("stream-nullable-sequence", nullable, "stream.json", "corrupt", "open");

    History wrong = oneCommit(304);
    SegmentRef segment = putSegment(wrong, "tok", Samples.whole(wrong.bundle("tok", 2)));
    wrong.commit(
        "tok",
        new CommitContent.Segmented(
            List.of(
                new SegmentRef(segment.key(), segment.bytes(), Digest.ZERO, segment.totals()))));
    addBad("commit-segment-wrong-sha256", wrong.store(), segment.key().value(), "corrupt", "read");

    History stranger = oneCommit(305);
    stranger.open("other");
    SegmentRef foreign = putSegment(stranger, "tok", Samples.whole(stranger.bundle("other", 2)));
    stranger.commit("tok", new CommitContent.Segmented(List.of(foreign)));
    addBad(
        "commit-segment-foreign-bundle",
        stranger.store(),
        foreign.key().value(),
        "corrupt",
        "read");

    History early = oneCommit(306);
    SegmentRef unknown =
        putSegment(early, "tok", Samples.whole(withSchema(early.bundle("tok", 2), 1)));
    early.commit("tok", new CommitContent.Segmented(List.of(unknown)));
    early.act(new Action.AddSchema(wider(1))); // too late
    addBad(
        "commit-segment-unknown-schema", early.store(), unknown.key().value(), "corrupt", "read");
  }

  private static void resealStream(InspectedStore store, String from, String to) {
    String body = Seals.unseal(store.contents().get("stream.json"));
    store.damage("stream.json", Seals.seal(body.replace(from, to)));
  }
}
