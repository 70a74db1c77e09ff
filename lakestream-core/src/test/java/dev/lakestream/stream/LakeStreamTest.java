// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.error.StreamExistsException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Totals;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.reader.Cursor;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.snapshot.SegmentJson;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.History;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.MemoryStore;
import dev.lakestream.testing.RandomHistory;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LakeStreamTest {
  private final VirtualTime time = new VirtualTime(1);
  private final InspectedStore memory = backing(time);
  private final FaultyStore store = new FaultyStore(memory);

  /** What keeps the objects, empty; a subclass runs the same tests on another store. */
  protected InspectedStore backing(VirtualTime clock) {
    return new MemoryStore(clock);
  }

  @AfterEach
  void closeStore() throws IOException {
    memory.close();
  }

  private LakeStream create() throws IOException {
    return LakeStream.create(store, Samples.definition(), time.environment());
  }

  private LakeStream open() throws IOException {
    return LakeStream.open(store, time.environment());
  }

  private static void commit(ProducerSession session, int steps) throws Exception {
    session.commit(
        Commit.of(Samples.whole(Samples.bundle(session.newBundleKey(), steps, 8, 1)), "s"));
  }

  @Test
  void createsOnce() throws IOException {
    LakeStream created = create();
    assertThat(created.state().nextStep()).isZero();
    assertThat(created.state().version()).isEqualTo(-1);
    assertThat(open().id()).isEqualTo(created.id());
    assertThatThrownBy(this::create)
        .isInstanceOf(StreamExistsException.class)
        .hasMessageContaining("2026-01-01");
    assertThat(memory.contents()).containsOnlyKeys("stream.json");
  }

  @Test
  void creationOfUnknownOutcomeIsResolved() throws IOException {
    store.plan(Operation.PUT_IF_ABSENT, "stream.json", Fault.LOST_RESPONSE);
    assertThat(create().state().version()).isEqualTo(-1);
  }

  @Test
  void saysThatThereIsNoStream() {
    assertThatThrownBy(this::open)
        .isInstanceOf(StreamNotFoundException.class)
        .hasMessageContaining(memory.root().toString())
        .hasMessageContaining("lakestream create");
  }

  /** What is created can be opened: the deepest types that the format allows. */
  @Test
  void createsWhatItCanOpen() throws IOException {
    ColumnType type = ColumnType.Simple.INT32;
    for (int depth = 1; depth < 16; depth++) {
      type = new ColumnType.Struct(List.of(Field.nullable("f" + depth, type)));
    }
    Field deepest = Field.nullable("deep", type);
    LakeStream.create(store, StreamDefinition.of(List.of(deepest), 1), time.environment());
    assertThat(open().state().schema().fields()).containsExactly(deepest);
    Field tooDeep = Field.nullable("deeper", new ColumnType.Struct(List.of(deepest)));
    List<StreamDefinition> refused =
        List.of(
            StreamDefinition.of(List.of(tooDeep), 1),
            StreamDefinition.of(List.of(), 1),
            StreamDefinition.of(List.of(Samples.TOKENS), 0),
            StreamDefinition.of(List.of(Samples.TOKENS), 65_537),
            StreamDefinition.of(List.of(Field.required("_x", ColumnType.Simple.INT8)), 1),
            StreamDefinition.of(List.of(Field.required("\ud800", ColumnType.Simple.INT8)), 1),
            StreamDefinition.of(
                List.of(
                    Field.required(
                        "t",
                        new ColumnType.Timestamp(ColumnType.Unit.S, Optional.of("z".repeat(100))))),
                1));
    for (StreamDefinition definition : refused) {
      MemoryStore fresh = new MemoryStore();
      assertThatThrownBy(() -> LakeStream.create(fresh, definition, time.environment()))
          .isInstanceOf(InvalidRequestException.class);
      assertThat(fresh.contents()).isEmpty();
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void findsTheGroupOfEveryStep(long seed) throws IOException {
    History history = History.begin(seed);
    RandomHistory random = new RandomHistory(history, new Random(seed));
    for (int i = 0; i < 150; i++) {
      random.step();
    }
    LakeStream folded = LakeStream.open(history.store(), history.environment());
    SnapshotWriter.Shape small = new SnapshotWriter.Shape(3, 9, 4000, 2, 2);
    history.snapshot(small, Optional.empty());
    LakeStream opened = LakeStream.open(history.store(), history.environment());
    assertThat(opened.entriesSinceSnapshot()).isZero();
    assertThat(opened.state()).isEqualTo(folded.state()).isEqualTo(history.state());
    assertThat(opened.producers()).isEqualTo(folded.producers());
    long next = history.state().nextStep();
    for (long step = next - 1; step >= history.state().firstReadable(); step--) {
      CommittedGroup group = folded.groupOf(step);
      assertThat(opened.groupOf(step)).isEqualTo(group);
      assertThat(group.contains(step)).isTrue();
      assertThat(group.sources(step).stream().mapToInt(CellSource::count).sum())
          .isEqualTo(group.slots());
      assertThat(folded.firstStepOf(group.version())).isLessThanOrEqualTo(step);
      if (step + 1 < next) {
        assertThat(group.before(step).plus(Totals.of(List.of(group.step(step)))))
            .isEqualTo(folded.groupOf(step + 1).before(step + 1));
      }
    }
    assertThatThrownBy(() -> opened.groupOf(next)).isInstanceOf(StepUnavailableException.class);
    assertThatThrownBy(() -> opened.groupOf(-1)).isInstanceOf(StepUnavailableException.class);
  }

  @Test
  void saysWhyAStepIsNotThereInTime() throws Exception {
    LakeStream stream = create();
    ProducerSession session = ProducerSession.open(stream, "tok-3");
    commit(session, 4213);
    LakeStream reader = open();
    int[] pauses = {0};
    LakeStream waiting =
        LakeStream.open(
            store,
            new Environment(
                time,
                time::uuid,
                pause -> {
                  time.pass(pause);
                  if (pauses[0]++ == 0) {
                    // While the reader waits, the producer commits once more, but no step.
                    time.pass(Duration.ofSeconds(73).minus(pause));
                    commitNothing(session);
                  }
                }));
    assertThat(reader.state()).isEqualTo(waiting.state());
    assertThatThrownBy(() -> waiting.awaitStep(4213, Duration.ofMinutes(2)))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessage(
            "step 4213 is not committed after 120 s: the tail is 4212; producer tok-3 last"
                + " committed 47 s ago");
  }

  private static void commitNothing(ProducerSession session) throws InterruptedException {
    try {
      session.commit(Commit.of(new CommitContent.Inline(List.of(), List.of()), "idle"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** That the step is late is what a rank has to know, whoever is to blame. */
  @Test
  void aStepIsLateAlsoIfNobodyCanReadWhoIsToBlame() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    writer.writeSnapshot();
    LakeStream reader = open();
    store.plan(Operation.GET, "segments/", Fault.REFUSED);
    assertThatThrownBy(() -> reader.awaitStep(2, Duration.ZERO))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("step 2 is not committed")
        .hasMessageContaining("could not be read");
    assertThat(store.openPlans()).isZero();
  }

  /** The snapshot that a sleeper went on from is gone with its segments; a newer one is there. */
  @Test
  void whoSleptWhileItsSnapshotWasRemovedGoesOnFromANewerOne() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    writer.writeSnapshot();
    LakeStream reading = open();
    LakeStream following = open();
    LakeStream folding = open();
    commit(session, 2);
    folding.refresh();
    List<String> old = memory.keys("segments");
    writer.refresh();
    writer.writeSnapshot();
    removeBelow(writer.state().version());
    old.forEach(key -> memory.delete(ObjectKey.of(key)));
    memory.delete(StreamKeys.snapshot(1));
    assertThat(reading.groupOf(1).contains(1)).isTrue();
    assertThat(following.refresh()).isEqualTo(writer.state());
    folding.writeSnapshot();
    assertThat(folding.state()).isEqualTo(writer.state());
  }

  @Test
  void namesTheProducersThatCommittedLast() throws Exception {
    LakeStream stream = create();
    assertThatThrownBy(() -> stream.awaitStep(0, Duration.ZERO))
        .hasMessage(
            "step 0 is not committed after 0 s: the tail is -1; no producer has ever opened a"
                + " session");
    for (int i = 0; i < 5; i++) {
      ProducerSession.open(stream, "p" + i);
      time.pass(Duration.ofSeconds(1));
    }
    assertThatThrownBy(() -> stream.awaitStep(0, Duration.ZERO))
        .hasMessageEndingWith(
            "producer p4 last committed 1 s ago, producer p3 last committed 2 s ago, producer p2"
                + " last committed 3 s ago");
  }

  /** A clock that stands still, or is set back, must not make a rank wait for ever. */
  @Test
  void waitsNoLongerThanTheDeadlineWhateverTheClockDoes() throws Exception {
    create();
    VirtualTime frozen = new VirtualTime(2);
    Environment environment = new Environment(frozen, frozen::uuid, pause -> {});
    LakeStream reader = LakeStream.open(store, environment);
    assertThatThrownBy(() -> reader.awaitStep(0, Duration.ofSeconds(30)))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("after 30 s");
  }

  @Test
  void waitsUntilAStepComes() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    int[] pauses = {0};
    Environment environment =
        new Environment(
            time,
            time::uuid,
            pause -> {
              time.pass(pause);
              if (++pauses[0] == 20) {
                try {
                  commit(session, 1);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              }
            });
    LakeStream reader = LakeStream.open(store, environment);
    assertThat(reader.awaitStep(0, Duration.ofMinutes(2))).isTrue();
    assertThat(pauses[0]).isEqualTo(20);
    new StreamControl(writer).commit(new Action.Seal());
    assertThat(reader.awaitStep(1, Duration.ofMinutes(2))).isFalse();
    assertThat(reader.awaitStep(0, Duration.ZERO)).isTrue();
  }

  @Test
  void aReaderThatSleptAcrossTheHorizonGoesOnFromASnapshot() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    LakeStream sleeper = open();
    for (int i = 0; i < 20; i++) {
      commit(session, 2);
    }
    writer.writeSnapshot();
    removeBelow(writer.state().version());
    // A stalled writer has put an entry into the past: it must not be taken for the log.
    memory.putIfAbsent(StreamKeys.entry(2), new byte[] {1, 2, 3});
    assertThat(sleeper.refresh()).isEqualTo(writer.state());
    assertThat(sleeper.groupOf(0).firstStep()).isZero();
    commit(session, 2);
    assertThat(sleeper.refresh()).isEqualTo(writer.state());
  }

  @Test
  void withoutAReadableSnapshotTheHorizonIsAnError() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    LakeStream sleeper = open();
    StreamState seen = sleeper.state();
    commit(session, 2);
    commit(session, 2);
    removeBelow(3);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("snapshots")
        .hasMessageContaining("below version 3 were removed");
    assertThatThrownBy(sleeper::refresh).isInstanceOf(CorruptObjectException.class);
    // What it knew stays as it was.
    assertThat(sleeper.state()).isEqualTo(seen);
    assertThat(sleeper.groupOf(1).nextStep()).isEqualTo(2);
    assertThat(sleeper.entriesSinceSnapshot()).isEqualTo(2);
  }

  private void removeBelow(long horizon) {
    memory.putIfAbsent(StreamKeys.horizon(horizon), new byte[0]);
    for (long version = 0; version < horizon; version++) {
      memory.delete(StreamKeys.entry(version));
    }
  }

  @Test
  void aBrokenSnapshotIsPassedOver() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    writer.writeSnapshot();
    commit(session, 2);
    writer.writeSnapshot();
    commit(session, 2);
    byte[] newest = memory.contents().get(StreamKeys.snapshot(2).value());
    byte[][] broken = {
      {},
      Arrays.copyOf(newest, newest.length - 1),
      new byte[100],
      "{}\n".getBytes(StandardCharsets.UTF_8)
    };
    for (byte[] content : broken) {
      memory.damage(StreamKeys.snapshot(2).value(), content);
      LakeStream reader = open();
      assertThat(reader.state()).isEqualTo(writer.state());
      assertThat(reader.entriesSinceSnapshot()).isEqualTo(2);
      assertThat(reader.groupOf(5).firstStep()).isEqualTo(4);
      assertThat(reader.groupOf(0).firstStep()).isZero();
    }
  }

  @Test
  void aLostSegmentIsNamedIfNothingElseStandsForIt() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    writer.writeSnapshot();
    removeBelow(1);
    List<String> segments = memory.keys("segments");
    segments.forEach(key -> memory.damage(key, new byte[10]));
    LakeStream reader = open();
    assertThatThrownBy(() -> reader.groupOf(0))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("segments/");
    segments.forEach(key -> memory.delete(ObjectKey.of(key)));
    assertThatThrownBy(() -> reader.producer("a"))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("does not exist");
  }

  /** A folder that slept puts its root when what it names is gone: as if it had put none. */
  @Test
  void aRootThatNamesLostSegmentsIsPassedOver() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    writer.writeSnapshot();
    removeBelow(1);
    Set<String> kept = Set.copyOf(memory.keys("segments"));
    commit(session, 2);
    writer.writeSnapshot();
    memory.keys("segments").stream()
        .filter(key -> !kept.contains(key))
        .forEach(key -> memory.delete(ObjectKey.of(key)));
    LakeStream reader = open();
    assertThat(reader.entriesSinceSnapshot()).isZero();
    assertThat(reader.groupOf(0)).isEqualTo(writer.groupOf(0));
    assertThat(reader.entriesSinceSnapshot()).isEqualTo(1);
    assertThat(reader.state()).isEqualTo(writer.state());
    assertThat(open().producer("a")).isEqualTo(reader.producer("a"));
    // Whoever commits by such a root commits all the same.
    ProducerSession next = ProducerSession.open(open(), "a");
    commit(next, 2);
    assertThat(open().groupOf(5).producer()).isEqualTo(new ProducerStamp("a", 2, 1));
    open().writeSnapshot();
    assertThat(open().groupOf(5)).isEqualTo(next(reader).groupOf(5));
  }

  private static LakeStream next(LakeStream stream) throws IOException {
    stream.refresh();
    return stream;
  }

  /** Folding takes long: whoever commits, or looks something up, does not wait for it. */
  @Test
  void nobodyWaitsForAFolder() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    new StreamControl(writer).commit(new Action.Retire("a", 1));
    ProducerSession second = ProducerSession.open(writer, "b");
    commit(second, 2);
    store.before(
        Operation.PUT_IF_ABSENT,
        "snapshots/",
        () -> {
          try {
            commit(second, 2);
            ProducerSession.open(writer, "a");
          } catch (Exception e) {
            throw new IOException(e);
          }
        });
    writer.writeSnapshot();
    assertThat(store.openPlans()).isZero();
    assertThat(writer.entriesSinceSnapshot()).isEqualTo(2);
    assertThat(writer.state()).isEqualTo(open().state());
    assertThat(writer.producers()).isEqualTo(open().producers());
    assertThat(writer.producer("b").orElseThrow().sequence()).isEqualTo(2);
    assertThat(writer.producer("a").orElseThrow().epoch()).isEqualTo(2);
    for (long step = 0; step < 6; step++) {
      assertThat(writer.groupOf(step)).isEqualTo(open().groupOf(step));
    }
  }

  @Test
  void oneOfTheCommittersFoldsInTheBackground() throws Exception {
    create();
    List<Runnable> background = new ArrayList<>();
    Environment environment = new Environment(time, time::uuid, time::pass, background::add);
    List<ProducerSession> sessions = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      sessions.add(ProducerSession.open(LakeStream.open(store, environment), name));
    }
    for (int i = 0; i < 600; i++) {
      commit(sessions.get(i % 3), 1);
    }
    // Versions 255 and 511; and who has not heard of a snapshot after 512 entries looks for one.
    assertThat(background).hasSizeBetween(2, 4);
    assertThat(memory.keys("snapshots")).isEmpty();
    background.forEach(Runnable::run);
    assertThat(memory.keys("snapshots")).hasSizeBetween(1, 3);
    assertThat(open().state().nextStep()).isEqualTo(600);
  }

  /** An entry of 64 KiB a commit: a leaf by the number of commits alone would be unreadable. */
  @Test
  void largeEntriesFoldIntoSegmentsThatCanBeRead() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    for (int i = 0; i < 120; i++) {
      commit(session, 370);
    }
    writer.writeSnapshot();
    assertThat(writer.entriesSinceSnapshot()).isZero();
    for (byte[] segment : segments()) {
      assertThat(segment.length).isLessThan(2 << 20);
    }
    LakeStream reader = open();
    for (long step = 0; step < 120 * 370; step += 9999) {
      assertThat(reader.groupOf(step).contains(step)).isTrue();
    }
  }

  private List<byte[]> segments() {
    return memory.contents().entrySet().stream()
        .filter(object -> object.getKey().startsWith("segments/"))
        .map(Map.Entry::getValue)
        .toList();
  }

  /** Invariant 9: what a snapshot writes does not grow with the history below it. */
  @Test
  void theCostOfAnotherSnapshotDoesNotGrow() throws Exception {
    LakeStream writer = create();
    for (int p = 0; p < 50; p++) {
      ProducerSession.open(writer, "idle-" + p);
    }
    ProducerSession session = ProducerSession.open(writer, "busy");
    long first = 0;
    for (int round = 0; round < 40; round++) {
      commit(session, 2048);
      commit(session, 2048);
      long before = bytes();
      writer.writeSnapshot();
      long added = bytes() - before;
      first = round == 10 ? added : first;
      if (round > 10) {
        assertThat(added).isLessThan(first + 300L * round);
      }
    }
    assertThat(open().state()).isEqualTo(writer.state());
  }

  private long bytes() {
    return memory.contents().values().stream().mapToLong(content -> content.length).sum();
  }

  /** A trainer that follows for months must not keep every entry that it has seen. */
  @Test
  void aFollowerLetsGoOfWhatSnapshotsStandFor() throws Exception {
    LakeStream writer = create();
    LakeStream follower = open();
    ProducerSession session = ProducerSession.open(writer, "a");
    for (int i = 0; i < 2600; i++) {
      session.commit(Commit.of(new CommitContent.Inline(List.of(), List.of()), "" + i));
      if (i % 100 == 0) {
        follower.refresh();
        assertThat(follower.entriesSinceSnapshot()).isLessThan(1024 + 256 + 100);
        assertThat(follower.state()).isEqualTo(writer.state());
        assertThat(follower.producer("a").map(ProducerState::sequence)).contains(i + 1L);
      }
    }
    assertThat(follower.entriesSinceSnapshot()).isLessThan(2600 / 2);
  }

  @Test
  void aSnapshotNeverTakesAStreamBack() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    LakeStream other = open();
    other.writeSnapshot();
    writer.writeSnapshot(); // the other's root is in force
    assertThat(writer.entriesSinceSnapshot()).isZero();
    assertThat(writer.groupOf(1)).isEqualTo(other.groupOf(1));
    commit(session, 2);
    StreamState state = writer.state();
    memory.damage(StreamKeys.snapshot(2).value(), new byte[1]);
    writer.writeSnapshot(); // an unreadable root has the name
    assertThat(writer.state()).isEqualTo(state);
    assertThat(writer.groupOf(3).firstStep()).isEqualTo(2);
  }

  @Test
  void aSegmentMustKeepTheRules() throws Exception {
    History history = History.begin(7);
    history.open("a");
    history.open("b");
    CommitContent.Inline foreign = Samples.whole(history.bundle("b", 2));
    byte[] content = SegmentJson.encodeContent(history.document().id(), foreign);
    UUID uuid = history.uuid();
    var key = StreamKeys.commitSegment("a", 1, uuid);
    history.store().putIfAbsent(key, content);
    history.commit(
        "a",
        new CommitContent.Segmented(
            List.of(new SegmentRef(key, content.length, Digest.of(content), foreign.totals()))));
    LakeStream reader = LakeStream.open(history.store(), history.environment());
    assertThatThrownBy(() -> reader.groupOf(0))
        .isInstanceOfSatisfying(
            CorruptObjectException.class,
            error -> assertThat(error.object()).isEqualTo(key.value()))
        .hasMessageContaining("is not a epoch 1");
  }

  @Test
  void acceptsItsOwnCursorsAndNoOthers() throws Exception {
    LakeStream stream = create();
    Cursor begin = stream.cursor(0, -1);
    assertThat(begin.digest()).isEqualTo(Digest.ZERO);
    ProducerSession session = ProducerSession.open(stream, "a");
    commit(session, 4);
    commit(session, 4);
    for (long step = 0; step <= 8; step++) {
      Cursor cursor = Cursor.fromJson(stream.cursor(step, step % 3 - 1).toJson());
      assertThat(cursor).isEqualTo(stream.cursor(step, step % 3 - 1));
      stream.check(cursor);
      open().check(cursor);
    }
    stream.check(begin);
    Cursor good = stream.cursor(5, -1);
    Digest other = Digest.of(new byte[1]);
    Map<Cursor, String> refused =
        Map.of(
            new Cursor(time.uuid(), 5, -1, good.chain(), good.digest()), "belongs to the stream",
            new Cursor(good.stream(), 9, -1, good.chain(), good.digest()), "another history",
            new Cursor(good.stream(), 5, -1, other, good.digest()), "another one",
            new Cursor(good.stream(), 5, -1, good.chain(), other), "another one",
            new Cursor(good.stream(), 4, -1, good.chain(), good.digest()), "another one",
            new Cursor(good.stream(), 0, -1, good.chain(), Digest.ZERO), "another one",
            new Cursor(good.stream(), 5, 3, good.chain(), good.digest()), "rules version is 3");
    refused.forEach(
        (cursor, why) ->
            assertThatThrownBy(() -> stream.check(cursor))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining(why));
    StreamControl control = new StreamControl(stream);
    control.commit(new Action.Trim(5, control.commit(new Action.TrimIntent(5))));
    stream.check(good); // what it could be compared with is gone
    Cursor trimmed = new Cursor(good.stream(), 4, -1, good.chain(), good.digest());
    assertThatThrownBy(() -> stream.check(trimmed))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("first readable step is 5");
    assertThatThrownBy(() -> stream.groupOf(4)).isInstanceOf(StepUnavailableException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "x",
        "{\"next_step\":\"1200\"}",
        "{\"next_step\":1.5}",
        "{\"next_step\":-1}",
        "{\"next_step\":null}",
        "{\"rules\":-2}",
        "{\"rules\":\"x\"}",
        "{\"stream\":\"1-1-1-1-1\"}",
        "{\"chain\":\"\"}",
        "{\"digest\":7}",
        "{\"next_step\":9007199254740992}"
      })
  void refusesWhatIsNoCursor(String change) throws Exception {
    ObjectNodeEditor editor = new ObjectNodeEditor(create().cursor(0, -1).toJson());
    assertThatThrownBy(() -> Cursor.fromJson(editor.with(change)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("cursor");
  }

  /** A good cursor with one member replaced, or something else altogether. */
  private record ObjectNodeEditor(String good) {
    String with(String change) {
      if (!change.startsWith("{\"")) {
        return change;
      }
      String member = change.substring(1, change.indexOf(':'));
      String rest = good.replaceFirst(member + ":(\"[^\"]*\"|-?\\d+),?", "").replace(",}", "}");
      return rest.substring(0, rest.length() - 1) + "," + change.substring(1);
    }
  }

  @Test
  void theNumberOfOperations() throws Exception {
    LakeStream writer = create();
    assertThat(store.takeCounts())
        .isEqualTo(
            Map.of(
                "PUT_IF_ABSENT stream.json", 1,
                "GET stream.json", 1,
                "GET hint.json", 1,
                "LIST horizon", 2,
                "LIST snapshots", 1,
                "GET log", 1));
    ProducerSession session = ProducerSession.open(writer, "a");
    for (int i = 0; i < 10; i++) {
      commit(session, 2);
    }
    writer.writeSnapshot();
    commit(session, 2);
    store.takeCounts();
    LakeStream reader = open();
    assertThat(store.takeCounts())
        .isEqualTo(
            Map.of(
                "GET stream.json", 1,
                "GET hint.json", 1,
                "LIST horizon", 2,
                "LIST snapshots", 1,
                "GET snapshots", 1,
                "GET segments", 1,
                "GET log", 2));
    reader.refresh();
    assertThat(store.takeCounts()).isEqualTo(Map.of("GET log", 1, "LIST horizon", 1));
    for (long step = 0; step < 22; step++) {
      reader.groupOf(step);
    }
    assertThat(store.takeCounts()).isEqualTo(Map.of("GET segments", 1));
    writer.writeSnapshot();
    assertThat(store.takeCounts())
        .isEqualTo(
            Map.of(
                "GET segments", 2,
                "PUT_IF_ABSENT segments", 2,
                "LIST horizon", 1,
                "PUT_IF_ABSENT snapshots", 1,
                "PUT hint.json", 1));
  }

  @Test
  void groupsOfCellsAreFound() throws Exception {
    History history = History.begin(3);
    history.open("a");
    var first = history.bundle("a", 2);
    var second = history.bundle("a", 1);
    StepGroup.CellGroup cells =
        new StepGroup.CellGroup(
            List.of(new CellRange(0, 5, 3, 1), new CellRange(1, 0, 8, 0)),
            Samples.step("gathered"));
    history.commit("a", new CommitContent.Inline(List.of(first, second), List.of(cells)));
    CommittedGroup group = LakeStream.open(history.store(), history.environment()).groupOf(0);
    assertThat(group.isWholeBundle()).isFalse();
    assertThat(group.slots()).isEqualTo(11);
    assertThat(group.pieces()).isEqualTo(1);
    assertThat(group.sources(0))
        .containsExactly(new CellSource(first, 5, 0, 3, 1), new CellSource(second, 0, 3, 8, 0));
  }
}
