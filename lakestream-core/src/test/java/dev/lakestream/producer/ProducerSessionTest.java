// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.FencedException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.MemoryStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exactly once, whatever the store does (invariant 6). */
@Timeout(60)
class ProducerSessionTest {
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

  private LakeStream open(ObjectStore from) throws IOException {
    return LakeStream.open(from, time.environment());
  }

  /** A commit of one step that can be told from all others. */
  private static Commit commit(ProducerSession session, String mark) {
    return Commit.of(content(session, mark), mark);
  }

  private static CommitContent.Inline content(ProducerSession session, String mark) {
    BundleDescriptor bundle = Samples.bundle(session.newBundleKey(), 1, 8, 1);
    return new CommitContent.Inline(
        List.of(bundle), List.of(new StepGroup.BundleGroup(0, List.of(marked(mark)))));
  }

  private static StepRecord marked(String mark) {
    StepRecord plain = Samples.step(mark);
    return new StepRecord(
        plain.rows(), plain.tokens(), 0, plain.digest(), Map.of(), List.of(mark), Map.of());
  }

  /** The marks of all steps, as somebody who has just come sees them. */
  private List<String> marks(ObjectStore from) throws IOException {
    LakeStream stream = open(from);
    List<String> marks = new ArrayList<>();
    for (long step = 0; step < stream.state().nextStep(); step++) {
      marks.add(stream.groupOf(step).step(step).tags().get(0));
    }
    return marks;
  }

  @Test
  void commitsAndBeginsWhereItsFormerLifeGot() throws Exception {
    LakeStream stream = create();
    ProducerSession session = ProducerSession.open(stream, "tok");
    assertThat(session.state()).isEmpty();
    assertThat(session.attachments()).isEmpty();
    assertThat(session.stamp()).isEqualTo(new ProducerStamp("tok", 1, 0));
    assertThat(session.commit(commit(session, "a"))).isEqualTo(new CommitReceipt(1, 0, 1));
    Attachment rest = new Attachment("rest", Samples.bundle(session.newBundleKey(), 1, 8, 1));
    CommitReceipt receipt =
        session.commit(
            new Commit(
                content(session, "b"),
                Optional.of("row 7"),
                List.of(rest),
                Optional.of("k"),
                List.of()));
    assertThat(receipt).isEqualTo(new CommitReceipt(2, 1, 1));
    assertThat(session.state()).isEqualTo("row 7");
    assertThat(session.attachments()).containsExactly(rest);
    assertThat(session.stamp()).isEqualTo(new ProducerStamp("tok", 1, 2));

    ProducerSession next = ProducerSession.open(open(store), "tok");
    assertThat(next.stamp()).isEqualTo(new ProducerStamp("tok", 2, 0));
    assertThat(next.state()).isEqualTo("row 7");
    assertThat(next.attachments()).containsExactly(rest);
    assertThat(marks(store)).containsExactly("a", "b");
  }

  @Test
  void aFencedSessionFailsAndItsCommitIsInvisible() throws Exception {
    ProducerSession zombie = ProducerSession.open(create(), "tok");
    zombie.commit(commit(zombie, "a"));
    ProducerSession successor = ProducerSession.open(open(store), "tok");
    successor.commit(commit(successor, "b"));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> zombie.commit(commit(zombie, "z")))
          .isInstanceOf(FencedException.class)
          .hasMessageContaining("tok epoch 1 sequence 1 is fenced: epoch 2");
    }
    successor.commit(commit(successor, "c"));
    assertThat(marks(store)).containsExactly("a", "b", "c");
  }

  @Test
  void aRetiredSessionFails() throws Exception {
    LakeStream stream = create();
    ProducerSession session = ProducerSession.open(stream, "tok");
    new StreamControl(open(store)).commit(new Action.Retire("tok", 1));
    assertThatThrownBy(() -> session.commit(commit(session, "z")))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("retired");
    assertThat(ProducerSession.open(stream, "tok").stamp().epoch()).isEqualTo(2);
  }

  /** Two that open at the same moment: one stays, the other says so; they do not fence in turns. */
  @Test
  void openingAtTheSameMomentEndsWithOneSession() throws Exception {
    create();
    List<ProducerSession> second = new ArrayList<>();
    LakeStream first = open(store);
    // After the first one's opening was put, and before it has seen it, the second one opens.
    store.before(
        Operation.PUT_IF_ABSENT,
        "log/",
        () ->
            store.before(
                Operation.GET, "log/", () -> second.add(openQuietly(open(memory), "tok"))));
    assertThatThrownBy(() -> ProducerSession.open(first, "tok"))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("epoch 2");
    assertThat(second.get(0).stamp().epoch()).isEqualTo(2);
    second.get(0).commit(commit(second.get(0), "a"));
    assertThat(marks(store)).containsExactly("a");
  }

  private static ProducerSession openQuietly(LakeStream stream, String producer)
      throws IOException {
    try {
      return ProducerSession.open(stream, producer);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"LOST_RESPONSE", "LOST_REQUEST", "LATE"})
  void anUnknownOutcomeIsResolvedAtTheSameVersion(Fault fault) throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    for (int repeated = 1; repeated <= 3; repeated++) {
      for (int i = 0; i < repeated; i++) {
        store.plan(Operation.PUT_IF_ABSENT, "log/", fault);
      }
      assertThat(session.commit(commit(session, "m" + repeated)))
          .isEqualTo(new CommitReceipt(repeated, repeated - 1, 1));
      store.landLate();
    }
    assertThat(store.openPlans()).isZero();
    assertThat(marks(store)).containsExactly("m1", "m2", "m3");
    assertThat(memory.keys("log")).hasSize(4);
  }

  /** The late put of another producer wins the version that ours was on its way to. */
  @Test
  void aLatePutOfSomebodyElseIsAConflictLikeAnyOther() throws Exception {
    LakeStream stream = create();
    ProducerSession a = ProducerSession.open(stream, "a");
    ProducerSession b = ProducerSession.open(open(store), "b");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LATE);
    // After the first attempt of a, its late put lands only when b has committed.
    store.before(
        Operation.PUT_IF_ABSENT,
        "log/",
        () -> {
          commitQuietly(b, "b");
          store.landLate();
        });
    a.commit(commit(a, "a"));
    assertThat(marks(store)).containsExactlyInAnyOrder("a", "b");
  }

  private static void commitQuietly(ProducerSession session, String mark) throws IOException {
    try {
      session.commit(commit(session, mark));
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** A refusal after an answer that never came proves nothing about the first attempt. */
  @Test
  void aCertainFailureAfterAnUnknownOutcomeIsUnknown() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_RESPONSE);
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.REFUSED);
    assertThat(session.commit(commit(session, "a")).firstStep()).isZero();
    assertThat(marks(store)).containsExactly("a");
  }

  @Test
  void aStoreThatNeverSaysLeavesTheSessionInDoubt() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.randomly(1, 1.0);
    assertThatThrownBy(() -> session.commit(commit(session, "a")))
        .isInstanceOf(CommitOutcomeUnknownException.class)
        .hasMessageContaining("log/00000000000000000001.json")
        .hasMessageContaining("nothing was deleted");
    assertThat(time.paused()).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(3));
    store.randomly(1, 0);
    // What came late must not be taken for the next commit, nor the next one for it.
    assertThatThrownBy(() -> session.commit(commit(session, "b")))
        .isInstanceOf(CommitOutcomeUnknownException.class);
    store.landLate();
    ProducerSession next = ProducerSession.open(open(store), "tok");
    List<String> marks = marks(store);
    assertThat(next.state()).isEqualTo(marks.isEmpty() ? "" : "a");
    next.commit(commit(next, "b"));
    store.landLate();
    marks.add("b");
    assertThat(marks(store)).isEqualTo(marks);
  }

  @Test
  void aCommitThatCannotBeReadBackIsOfUnknownOutcome() throws Exception {
    for (Operation operation : List.of(Operation.GET, Operation.LIST)) {
      MemoryStore fresh = new MemoryStore(time);
      FaultyStore faulty = new FaultyStore(fresh);
      LakeStream stream = LakeStream.create(faulty, Samples.definition(), time.environment());
      ProducerSession session = ProducerSession.open(stream, "tok");
      faulty.plan(operation, operation == Operation.GET ? "log/" : "horizon", Fault.REFUSED);
      assertThatThrownBy(() -> session.commit(commit(session, "a")))
          .isInstanceOf(CommitOutcomeUnknownException.class);
      assertThatThrownBy(() -> session.commit(commit(session, "a")))
          .isInstanceOf(CommitOutcomeUnknownException.class);
      assertThat(ProducerSession.open(open(faulty), "tok").state()).isEqualTo("a");
      assertThat(marks(faulty)).containsExactly("a");
    }
  }

  @Test
  void aRefusedPutIsACertainFailureAndMayBeTriedAgain() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.REFUSED);
    assertThatThrownBy(() -> session.commit(commit(session, "a")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("refuses");
    session.commit(commit(session, "a"));
    assertThat(marks(store)).containsExactly("a");
  }

  @Test
  void interruptionWhileTheOutcomeIsUnknownIsUnknown() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    LakeStream impatient =
        LakeStream.open(
            store,
            new dev.lakestream.stream.Environment(
                time,
                time::uuid,
                pause -> {
                  throw new InterruptedException();
                }));
    ProducerSession interrupted = ProducerSession.open(impatient, "other");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_RESPONSE);
    assertThatThrownBy(() -> interrupted.commit(commit(interrupted, "a")))
        .isInstanceOf(CommitOutcomeUnknownException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(marks(store)).containsExactly("a");
    session.commit(commit(session, "b"));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void producersRacingOverAFaultyStoreCommitEachOnce(long seed) throws Exception {
    create();
    store.randomly(seed, 0.15);
    race(store, 6, 25, seed, true);
  }

  @Test
  void producersRacingOverALocalDirectoryCommitEachOnce(@TempDir Path directory) throws Exception {
    ObjectStore local = LocalObjectStore.at(directory, LocalObjectStore.Durability.PROCESS);
    LakeStream.create(local, Samples.definition(), time.environment());
    race(local, 8, 25, 5, false);
  }

  /** Sessions of one process may share a stream: each must still draft on what it saw. */
  @Test
  void producersSharingAStreamCommitEachOnce() throws Exception {
    LakeStream shared = create();
    List<Callable<Integer>> producers = new ArrayList<>();
    for (int p = 0; p < 8; p++) {
      String id = "p" + p;
      producers.add(
          () -> {
            ProducerSession session = ProducerSession.open(shared, id);
            for (int i = 0; i < 40; i++) {
              session.commit(commit(session, id + ":" + i));
            }
            return 40;
          });
    }
    runAll(producers);
    assertOnceAndInOrder(marks(store), 8, 40);
  }

  private void race(ObjectStore raced, int count, int commits, long seed, boolean late)
      throws Exception {
    List<Callable<Integer>> producers = new ArrayList<>();
    for (int p = 0; p < count; p++) {
      String id = "p" + p;
      Random random = new Random(seed * 1000 + p);
      producers.add(() -> produce(raced, id, commits, random));
    }
    if (late) {
      producers.add(
          () -> {
            for (int i = 0; i < 500; i++) {
              store.landLate();
            }
            return 0;
          });
    }
    runAll(producers);
    store.randomly(0, 0);
    store.landLate();
    assertOnceAndInOrder(marks(raced), count, commits);
  }

  /** A producer that crashes now and then, and goes on from what the log says. */
  private int produce(ObjectStore raced, String id, int commits, Random random) throws Exception {
    int lives = 0;
    while (true) {
      lives++;
      ProducerSession session;
      try {
        session = ProducerSession.open(open(raced), id);
      } catch (CommitOutcomeUnknownException e) {
        continue;
      }
      int next = session.state().isEmpty() ? 0 : Integer.parseInt(session.state()) + 1;
      try {
        for (; next < commits; next++) {
          if (random.nextInt(12) == 0) {
            break; // crashes
          }
          session.commit(Commit.of(content(session, id + ":" + next), Integer.toString(next)));
        }
        if (next == commits) {
          return lives;
        }
      } catch (CommitOutcomeUnknownException e) {
        // crashes too
      }
    }
  }

  private static void assertOnceAndInOrder(List<String> marks, int producers, int commits) {
    Map<String, Integer> reached = new HashMap<>();
    for (String mark : marks) {
      int colon = mark.indexOf(':');
      String id = mark.substring(0, colon);
      int next = reached.getOrDefault(id, 0);
      assertThat(mark).isEqualTo(id + ":" + next);
      reached.put(id, next + 1);
    }
    assertThat(reached).hasSize(producers).allSatisfy((id, n) -> assertThat(n).isEqualTo(commits));
  }

  private static <T> List<T> runAll(List<Callable<T>> tasks) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(tasks, 50, TimeUnit.SECONDS)) {
        results.add(future.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aWriterThatSleptAcrossTheHorizonCommitsOnce() throws Exception {
    LakeStream sleeping = create();
    ProducerSession sleeper = ProducerSession.open(sleeping, "sleeper");
    sleeper.commit(commit(sleeper, "s1"));
    passTheHorizon(20);
    // The version behind what it last saw is free again: its put succeeds, in the past.
    CommitReceipt receipt = sleeper.commit(commit(sleeper, "s2"));
    assertThat(receipt.version()).isGreaterThan(20);
    assertThat(receipt.firstStep()).isEqualTo(21);
    assertThat(marks(store)).hasSize(22).endsWith("s2").startsWith("s1");
  }

  @Test
  void aWriterThatWasFencedWhileItSleptAcrossTheHorizonCommitsNothing() throws Exception {
    ProducerSession sleeper = ProducerSession.open(create(), "sleeper");
    sleeper.commit(commit(sleeper, "s1"));
    ProducerSession successor = ProducerSession.open(open(store), "sleeper");
    successor.commit(commit(successor, "n"));
    passTheHorizon(20);
    assertThatThrownBy(() -> sleeper.commit(commit(sleeper, "z")))
        .isInstanceOf(LakestreamException.class);
    assertThat(marks(store)).doesNotContain("z").contains("s1", "n");
  }

  /** Its put was carried out, the answer lost; when it wakes up, the entry is folded and gone. */
  @Test
  void aCommitThatWasFoldedWhileItsOutcomeWasUnknownIsFoundInTheSnapshot() throws Exception {
    ProducerSession sleeper = ProducerSession.open(create(), "sleeper");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_RESPONSE);
    store.before(
        Operation.GET,
        "log/00000000000000000001",
        () -> {
          LakeStream other = open(memory);
          for (int i = 0; i < 5; i++) {
            try {
              ProducerSession session = ProducerSession.open(other, "busy");
              session.commit(commit(session, "b" + i));
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
          other.writeSnapshot();
          removeBelow(other.state().version());
        });
    CommitReceipt receipt = sleeper.commit(commit(sleeper, "s1"));
    assertThat(receipt).isEqualTo(new CommitReceipt(1, 0, 1));
    sleeper.commit(commit(sleeper, "s2"));
    assertThat(marks(store)).containsExactly("s1", "b0", "b1", "b2", "b3", "b4", "s2");
  }

  @Test
  void anOpeningThatWasPutIntoThePastOpensAgain() throws Exception {
    LakeStream sleeping = create();
    ProducerSession first = ProducerSession.open(sleeping, "a");
    first.commit(commit(first, "a1"));
    // After it has seen the tail, and before it puts, the world moves on.
    store.before(Operation.PUT_IF_ABSENT, "log/", () -> passTheHorizonQuietly(20));
    ProducerSession session = ProducerSession.open(sleeping, "b");
    session.commit(commit(session, "b1"));
    assertThat(marks(store)).hasSize(22).endsWith("b1");
  }

  @Test
  void anOperatorsActionInThePastIsOfUnknownOutcome() throws Exception {
    LakeStream sleeping = create();
    ProducerSession first = ProducerSession.open(sleeping, "a");
    first.commit(commit(first, "a1"));
    StreamControl control = new StreamControl(sleeping);
    store.before(Operation.PUT_IF_ABSENT, "log/", () -> passTheHorizonQuietly(20));
    assertThatThrownBy(() -> control.commit(new Action.Seal()))
        .isInstanceOf(CommitOutcomeUnknownException.class);
    assertThat(open(store).state().sealed()).isFalse();
    control.commit(new Action.Seal());
    assertThat(open(store).state().sealed()).isTrue();
  }

  private void passTheHorizonQuietly(int commits) throws IOException {
    try {
      passTheHorizon(commits);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void passTheHorizon(int commits) throws IOException, InterruptedException {
    LakeStream other = open(memory);
    ProducerSession busy = ProducerSession.open(other, "busy");
    for (int i = 0; i < commits; i++) {
      busy.commit(commit(busy, "b" + i));
    }
    other.writeSnapshot();
    removeBelow(other.state().version());
  }

  private void removeBelow(long horizon) {
    memory.putIfAbsent(
        StreamKeys.horizon(horizon), SealedJson.seal(SealedJson.object().put("version", horizon)));
    for (long version = 0; version < horizon; version++) {
      memory.delete(StreamKeys.entry(version));
    }
  }

  @Test
  void aCommitTooBigForAnEntryGoesToSegmentsAndIsFoundAgain() throws Exception {
    LakeStream stream = create();
    ProducerSession session = ProducerSession.open(stream, "tok");
    CommitContent.Inline content = big(session, 4000, 4);
    CommitReceipt receipt = session.commit(Commit.of(content, "big"));
    assertThat(receipt).isEqualTo(new CommitReceipt(1, 0, 16_000));
    assertThat(memory.contents().get("log/00000000000000000001.json").length).isLessThan(4096);
    assertThat(memory.keys("data")).hasSizeGreaterThan(1).allMatch(key -> key.endsWith(".json"));
    LakeStream reader = open(store);
    for (long step : new long[] {0, 1, 3999, 4000, 8191, 15_999}) {
      assertThat(reader.groupOf(step).step(step).tags()).containsExactly("big-" + step);
      assertThat(reader.groupOf(step).before(step).steps()).isEqualTo(step);
      assertThat(reader.groupOf(step).before(step).rows()).isEqualTo(16 * step);
    }
    session.commit(commit(session, "next"));
    reader.refresh();
    assertThat(reader.groupOf(16_000).firstStep()).isEqualTo(16_000);
  }

  /** So many bundles of so many steps each. */
  private static CommitContent.Inline big(ProducerSession session, int bundles, int steps) {
    List<BundleDescriptor> descriptors = new ArrayList<>();
    List<StepGroup> groups = new ArrayList<>();
    for (int b = 0; b < bundles; b++) {
      descriptors.add(Samples.bundle(session.newBundleKey(), steps, 8, 1));
      List<StepRecord> records = new ArrayList<>();
      for (int k = 0; k < steps; k++) {
        records.add(marked("big-" + (b * steps + k)));
      }
      groups.add(new StepGroup.BundleGroup(b, records));
    }
    return new CommitContent.Inline(descriptors, groups);
  }

  /** Once the entry is there the commit is made: an error now would make callers commit again. */
  @Test
  void nothingFailsAfterTheCommitIsMade() throws Exception {
    LakeStream stream = create();
    ProducerSession session = ProducerSession.open(stream, "tok");
    store.plan(Operation.GET, "data/", Fault.REFUSED);
    assertThat(session.commit(Commit.of(big(session, 1000, 1), "big")).firstStep()).isZero();
    for (int i = 0; i < 270; i++) {
      session.commit(commit(session, "m" + i));
      store.plan(Operation.PUT_IF_ABSENT, "snapshots/", Fault.REFUSED);
      store.plan(Operation.PUT_IF_ABSENT, "segments/", Fault.LOST_RESPONSE);
    }
    store.clearPlans();
    assertThat(marks(store)).hasSize(1270);
  }

  @Test
  void segmentsThatAreUnknownAreTriedAgain() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.plan(Operation.PUT_IF_ABSENT, "data/", Fault.LOST_RESPONSE);
    store.plan(Operation.PUT_IF_ABSENT, "data/", Fault.LOST_REQUEST);
    session.commit(Commit.of(big(session, 1000, 1), "big"));
    assertThat(open(store).groupOf(999).step(999).tags()).containsExactly("big-999");
    store.plan(Operation.PUT_IF_ABSENT, "data/", Fault.REFUSED);
    assertThatThrownBy(() -> session.commit(Commit.of(big(session, 1000, 1), "big")))
        .isInstanceOf(IOException.class);
    session.commit(commit(session, "goes on"));
  }

  /** An entry that no reader accepts would end the stream for all. */
  @Test
  void whatNoReaderAcceptsIsNotCommitted() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    Map<String, byte[]> before = memory.contents();
    CommitContent.Inline good = big(session, 1000, 1);
    List<CommitContent.Inline> bad = new ArrayList<>();
    StepRecord negative = StepRecord.of(-1, 0, Samples.step("x").digest());
    StepRecord talkative =
        new StepRecord(
            1, 1, 0, negative.digest(), Map.of(), List.of(), Map.of("k", "v".repeat(5000)));
    for (StepRecord record : List.of(negative, talkative)) {
      bad.add(withLast(good, new StepGroup.BundleGroup(999, List.of(record))));
    }
    bad.add(withLast(good, new StepGroup.BundleGroup(1000, List.of(marked("x")))));
    bad.add(withLast(good, new StepGroup.BundleGroup(-1, List.of(marked("x")))));
    bad.add(withLast(good, new StepGroup.BundleGroup(999, List.of())));
    bad.add(withLast(good, new StepGroup.CellGroup(List.of(), marked("x"))));
    List<BundleDescriptor> foreign = new ArrayList<>(good.bundles());
    foreign.set(999, Samples.bundle(StreamKeys.bundle("other", 1, time.uuid()), 1, 8, 1));
    bad.add(new CommitContent.Inline(foreign, good.groups()));
    for (CommitContent.Inline content : bad) {
      assertThatThrownBy(() -> session.commit(Commit.of(content, "x")))
          .isInstanceOf(InvalidRequestException.class);
      // The same when it is small enough for the entry.
      int last = content.groups().size() - 1;
      CommitContent.Inline small =
          new CommitContent.Inline(content.bundles(), List.of(content.groups().get(last)));
      if (content.bundles() == good.bundles()) {
        assertThatThrownBy(() -> session.commit(Commit.of(small, "x")))
            .isInstanceOf(InvalidRequestException.class);
      }
    }
    assertThatThrownBy(() -> session.commit(Commit.of(none(), "\ud800")))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> session.commit(Commit.of(none(), "x".repeat(4097))))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(memory.contents().keySet()).isEqualTo(before.keySet());
    session.commit(commit(session, "good"));
    assertThat(marks(store)).containsExactly("good");
  }

  private static CommitContent.Inline withLast(CommitContent.Inline content, StepGroup group) {
    List<StepGroup> groups = new ArrayList<>(content.groups());
    groups.set(groups.size() - 1, group);
    return new CommitContent.Inline(content.bundles(), groups);
  }

  private static CommitContent.Inline none() {
    return new CommitContent.Inline(List.of(), List.of());
  }

  @Test
  void aCommitThatWouldBeVoidIsNotWritten() throws Exception {
    LakeStream stream = create();
    ProducerSession session = ProducerSession.open(stream, "tok");
    Commit once = new Commit(none(), Optional.empty(), List.of(), Optional.of("k"), List.of());
    session.commit(once);
    assertThatThrownBy(() -> session.commit(once))
        .isInstanceOf(CommitRejectedException.class)
        .hasMessageContaining("idempotence key 'k'");
    ObjectKey foreign = StreamKeys.bundle("other", 1, time.uuid());
    assertThatThrownBy(
            () -> session.commit(Commit.of(Samples.whole(Samples.bundle(foreign, 1, 8, 1)), "x")))
        .isInstanceOf(CommitRejectedException.class)
        .hasMessageContaining(foreign.value());
    assertThat(memory.keys("log")).hasSize(2);
    session.commit(commit(session, "a"));
    new StreamControl(stream).commit(new Action.Seal());
    assertThatThrownBy(() -> session.commit(commit(session, "b")))
        .isInstanceOf(CommitRejectedException.class)
        .hasMessageContaining("sealed");
  }

  @Test
  void theNumberOfOperationsOfACommit() throws Exception {
    LakeStream stream = create();
    store.takeCounts();
    ProducerSession session = ProducerSession.open(stream, "tok");
    assertThat(store.takeCounts())
        .isEqualTo(Map.of("PUT_IF_ABSENT log", 1, "GET log", 3, "LIST horizon", 2));
    session.commit(commit(session, "a"));
    assertThat(store.takeCounts())
        .isEqualTo(Map.of("PUT_IF_ABSENT log", 1, "GET log", 2, "LIST horizon", 1));
    ProducerSession other = ProducerSession.open(open(memory), "other");
    other.commit(commit(other, "o"));
    // Two entries that it has not seen: one lost race, then all of them are folded at once.
    session.commit(commit(session, "b"));
    assertThat(store.takeCounts())
        .isEqualTo(Map.of("PUT_IF_ABSENT log", 2, "GET log", 3 + 2, "LIST horizon", 2));
  }
}
