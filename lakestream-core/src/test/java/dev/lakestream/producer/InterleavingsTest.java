// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.FencedException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.MemoryStore;
import dev.lakestream.testing.PlantedBug;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The interleavings that the protocol is made for, each forced, and each with the guards that it
 * needs: with any of them taken out, it must fail.
 */
@Isolated("bugs are planted into the classes of the whole JVM")
@Timeout(60)
class InterleavingsTest {
  private static final int COMMITS = 20;

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

  /** Runs an interleaving and asserts what must come of it. */
  @FunctionalInterface
  private interface Script {
    void run(InterleavingsTest stage) throws Exception;
  }

  /** An interleaving. */
  @SuppressWarnings("ImmutableEnumChecker") // never changed
  enum Interleaving {
    /** The put is carried out and its answer lost. */
    AMBIGUOUS_PUT(
        InterleavingsTest::ambiguousPut,
        PlantedBug.NO_ANSWER_IS_NO,
        PlantedBug.OWN_ENTRY_NOT_KNOWN),
    /** The put is late, and its writer puts again before it comes, or after. */
    DELAYED_PUT(InterleavingsTest::delayedPut, PlantedBug.OWN_ENTRY_NOT_KNOWN),
    /** The put is late, and somebody else wins the version that it was for. */
    DELAYED_PUT_THAT_LOSES(InterleavingsTest::delayedPutThatLoses, PlantedBug.ANY_ENTRY_IS_OURS),
    /** The put is late, its writer gives up, commits again, and only then it comes. */
    DELAYED_PUT_OF_A_SESSION_IN_DOUBT(
        InterleavingsTest::delayedPutOfASessionInDoubt, PlantedBug.DOUBT_IGNORED),
    /** The version was folded and removed, so that its put succeeds a second time. */
    ABA(InterleavingsTest::aba, PlantedBug.HORIZON_IGNORED, PlantedBug.PAST_IS_MADE),
    /** The put was made, folded and removed before its writer could see that. */
    FOLDED_WHILE_AMBIGUOUS(
        InterleavingsTest::foldedWhileAmbiguous,
        PlantedBug.HORIZON_IGNORED,
        PlantedBug.FOLDED_IS_LOST),
    /** The same, and a sleeper has put its own entry where the removed one was. */
    FOLDED_AND_REPLACED_WHILE_AMBIGUOUS(
        InterleavingsTest::foldedAndReplacedWhileAmbiguous,
        PlantedBug.HORIZON_IGNORED,
        PlantedBug.FOLDED_IS_LOST,
        PlantedBug.PAST_IS_BELIEVED),
    /** Two processes believe to be the same producer. */
    ZOMBIE(InterleavingsTest::zombie, PlantedBug.ZOMBIES_GO_ON),
    /** A writer sleeps while it is fenced and its version is removed. */
    WRITER_SLEEPS(InterleavingsTest::writerSleeps, PlantedBug.HORIZON_IGNORED),
    /** A thread sleeps while others go on with its stream, and what they read is removed. */
    THREAD_SLEEPS(InterleavingsTest::threadSleeps, PlantedBug.PAST_OF_OTHERS_IS_MADE),
    /** A reader sleeps while what it would read next is removed, and put again by a sleeper. */
    READER_SLEEPS(InterleavingsTest::readerSleeps, PlantedBug.HORIZON_IGNORED),
    /** What a reader would read next is removed while it looks. */
    READER_IS_OVERTAKEN(
        InterleavingsTest::readerIsOvertaken,
        PlantedBug.HORIZON_IGNORED,
        PlantedBug.HORIZON_LISTED_FIRST);

    private final Script script;
    private final Set<PlantedBug> guards;

    Interleaving(Script script, PlantedBug... guards) {
      this.script = script;
      this.guards = Set.of(guards);
    }

    private Stream<Arguments> withEachGuardOut() {
      return guards.stream().sorted().map(guard -> Arguments.of(this, guard));
    }
  }

  @ParameterizedTest
  @EnumSource
  void endsWell(Interleaving interleaving) throws Exception {
    interleaving.script.run(this);
    assertThat(store.openPlans()).isZero();
  }

  static Stream<Arguments> guards() {
    return Arrays.stream(Interleaving.values()).flatMap(Interleaving::withEachGuardOut);
  }

  @ParameterizedTest
  @MethodSource("guards")
  void failsWithoutItsGuard(Interleaving interleaving, PlantedBug bug) {
    try (PlantedBug.Planted planted = bug.plant()) {
      assertThatThrownBy(() -> interleaving.script.run(this)).isNotNull();
    }
  }

  private void ambiguousPut() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_RESPONSE);
    assertThat(commitUntilMade(session, "a")).isEqualTo(new CommitReceipt(1, 0, 1));
    assertMarks("a");
  }

  private void delayedPut() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LATE);
    assertThat(commitUntilMade(session, "a")).isEqualTo(new CommitReceipt(1, 0, 1));
    store.landLate();
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LATE);
    store.before(Operation.PUT_IF_ABSENT, "log/", store::landLate);
    assertThat(commitUntilMade(session, "b")).isEqualTo(new CommitReceipt(2, 1, 1));
    assertMarks("a", "b");
  }

  private void delayedPutThatLoses() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    ProducerSession other = ProducerSession.open(open(), "other");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LATE);
    store.before(
        Operation.PUT_IF_ABSENT, "log/", () -> quietly(() -> other.commit(marked(other, "o"))));
    assertThat(session.commit(marked(session, "a")).version()).isEqualTo(3);
    store.landLate();
    assertMarks("o", "a");
  }

  private void delayedPutOfASessionInDoubt() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.randomly(1, 1.0);
    assertThatThrownBy(() -> session.commit(marked(session, "a")))
        .isInstanceOf(CommitOutcomeUnknownException.class);
    store.randomly(1, 0);
    // The first put was carried out or comes now; who commits the same rows again has them twice.
    store.landLate();
    assertThatThrownBy(() -> session.commit(marked(session, "a")))
        .isInstanceOf(CommitOutcomeUnknownException.class);
    ProducerSession next = ProducerSession.open(open(), "tok");
    assertThat(next.state()).isEqualTo("a");
    next.commit(marked(next, "b"));
    assertMarks("a", "b");
  }

  private void aba() throws Exception {
    LakeStream sleeping = create();
    ProducerSession sleeper = ProducerSession.open(sleeping, "sleeper");
    sleeper.commit(marked(sleeper, "s1"));
    passTheHorizon();
    CommitReceipt receipt = sleeper.commit(marked(sleeper, "s2"));
    assertThat(receipt.version()).isGreaterThan(COMMITS);
    assertThat(receipt.firstStep()).isEqualTo(COMMITS + 1);
    assertThat(marks()).hasSize(COMMITS + 2).endsWith("s2").startsWith("s1");
  }

  private void foldedWhileAmbiguous() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_RESPONSE);
    store.before(Operation.GET, "log/00000000000000000001", this::passTheHorizon);
    assertThat(session.commit(marked(session, "a"))).isEqualTo(new CommitReceipt(1, 0, 1));
    session.commit(marked(session, "b"));
    assertThat(marks()).hasSize(COMMITS + 2).startsWith("a").endsWith("b");
  }

  private void foldedAndReplacedWhileAmbiguous() throws Exception {
    LakeStream sleeping = create();
    ProducerSession sleeper = ProducerSession.open(sleeping, "sleeper");
    ProducerSession session = ProducerSession.open(open(), "tok");
    sleeping.refresh();
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_RESPONSE);
    store.before(
        Operation.PUT_IF_ABSENT,
        "log/",
        () -> {
          passTheHorizon();
          // Its next version is the one that was ours.
          quietly(() -> sleeper.commit(marked(sleeper, "s")));
        });
    assertThat(session.commit(marked(session, "a"))).isEqualTo(new CommitReceipt(2, 0, 1));
    session.commit(marked(session, "b"));
    assertThat(marks()).hasSize(COMMITS + 3).startsWith("a").endsWith("s", "b");
  }

  private void zombie() throws Exception {
    ProducerSession zombie = ProducerSession.open(create(), "tok");
    zombie.commit(marked(zombie, "a"));
    ProducerSession successor = ProducerSession.open(open(), "tok");
    assertThatThrownBy(() -> zombie.commit(marked(zombie, "z")))
        .isInstanceOf(FencedException.class);
    successor.commit(marked(successor, "b"));
    assertThatThrownBy(() -> zombie.commit(marked(zombie, "z")))
        .isInstanceOf(FencedException.class);
    assertMarks("a", "b");
  }

  private void writerSleeps() throws Exception {
    ProducerSession sleeper = ProducerSession.open(create(), "sleeper");
    sleeper.commit(marked(sleeper, "s1"));
    ProducerSession successor = ProducerSession.open(open(), "sleeper");
    successor.commit(marked(successor, "n"));
    passTheHorizon();
    assertThatThrownBy(() -> sleeper.commit(marked(sleeper, "z")))
        .isInstanceOf(LakestreamException.class);
    assertThat(marks()).doesNotContain("z").contains("s1", "n");
  }

  private void threadSleeps() throws Exception {
    LakeStream shared = create();
    ProducerSession sleeper = ProducerSession.open(shared, "sleeper");
    store.before(
        Operation.PUT_IF_ABSENT,
        "log/",
        () -> {
          passTheHorizon(shared::refresh);
          assertThat(shared.remembers(1)).isTrue();
        });
    CommitReceipt receipt = sleeper.commit(marked(sleeper, "s"));
    assertThat(receipt.version()).isGreaterThan(COMMITS);
    assertThat(marks()).hasSize(COMMITS + 1).endsWith("s");
  }

  private void readerSleeps() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "tok");
    session.commit(marked(session, "a"));
    LakeStream sleeper = open();
    byte[] before = memory.contents().get(StreamKeys.entry(1).value());
    passTheHorizon();
    memory.putIfAbsent(StreamKeys.entry(2), before);
    LakeStream fresh = open();
    assertThat(sleeper.refresh()).isEqualTo(fresh.state());
    assertThat(sleeper.state().nextStep()).isEqualTo(COMMITS + 1);
  }

  private void readerIsOvertaken() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "tok");
    session.commit(marked(session, "a"));
    LakeStream reader = open();
    store.before(Operation.GET, "log/", this::passTheHorizon);
    assertThat(reader.refresh().nextStep()).isEqualTo(COMMITS + 1);
  }

  /** As a producer does that has been told for certain that its commit was not made. */
  private static CommitReceipt commitUntilMade(ProducerSession session, String mark)
      throws Exception {
    while (true) {
      try {
        return session.commit(marked(session, mark));
      } catch (IOException e) {
        assertThat(e).hasMessageNotContaining("endless");
      }
    }
  }

  /** Others commit, fold the log, and remove all that the snapshot stands for. */
  private void passTheHorizon() throws IOException {
    passTheHorizon(() -> {});
  }

  /** The same, with something that happens before the removal. */
  private void passTheHorizon(Action beforeRemoval) throws IOException {
    LakeStream other = LakeStream.open(memory, time.environment());
    quietly(
        () -> {
          ProducerSession busy = ProducerSession.open(other, "busy");
          for (int i = 0; i < COMMITS; i++) {
            busy.commit(marked(busy, "b" + i));
          }
        });
    quietly(beforeRemoval);
    other.writeSnapshot();
    long horizon = other.state().version();
    memory.putIfAbsent(
        StreamKeys.horizon(horizon), SealedJson.seal(SealedJson.object().put("version", horizon)));
    for (long version = 0; version < horizon; version++) {
      memory.delete(StreamKeys.entry(version));
    }
  }

  private interface Action {
    void run() throws IOException, InterruptedException;
  }

  private static void quietly(Action action) throws IOException {
    try {
      action.run();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private LakeStream create() throws IOException {
    return LakeStream.create(store, Samples.definition(), time.environment());
  }

  private LakeStream open() throws IOException {
    return LakeStream.open(store, time.environment());
  }

  private static Commit marked(ProducerSession session, String mark) {
    BundleDescriptor bundle = Samples.bundle(session.newBundleKey(), 1, 8, 1);
    StepRecord plain = Samples.step(mark);
    StepRecord step =
        new StepRecord(
            plain.rows(), plain.tokens(), 0, plain.digest(), Map.of(), List.of(mark), Map.of());
    return Commit.of(
        new CommitContent.Inline(
            List.of(bundle), List.of(new StepGroup.BundleGroup(0, List.of(step)))),
        mark);
  }

  private void assertMarks(String... expected) throws IOException {
    assertThat(marks()).containsExactly(expected);
  }

  /** The marks of all steps, as somebody who has just come sees them. */
  private List<String> marks() throws IOException {
    ObjectStore from = memory;
    LakeStream stream = LakeStream.open(from, time.environment());
    List<String> marks = new ArrayList<>();
    for (long step = 0; step < stream.state().nextStep(); step++) {
      marks.add(stream.groupOf(step).step(step).tags().get(0));
    }
    return marks;
  }
}
