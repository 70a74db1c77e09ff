// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.FencedException;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.Marked;
import dev.lakestream.testing.PlantedBug;
import dev.lakestream.testing.Sabotage;
import dev.lakestream.testing.StreamFixture;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
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
class InterleavingsTest extends StreamFixture {
  private static final int COMMITS = 20;

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
      assertThatThrownBy(() -> interleaving.script.run(this))
          .isNotInstanceOf(Sabotage.Outdated.class);
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
        Operation.PUT_IF_ABSENT,
        "log/",
        () -> quietly(() -> other.commit(Marked.commit(other, "o"))));
    assertThat(session.commit(Marked.commit(session, "a")).version()).isEqualTo(3);
    store.landLate();
    assertMarks("o", "a");
  }

  private void delayedPutOfASessionInDoubt() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.randomly(1, 1.0);
    assertThatThrownBy(() -> session.commit(Marked.commit(session, "a")))
        .isInstanceOf(CommitOutcomeUnknownException.class);
    store.randomly(1, 0);
    // The first put was carried out or comes now; who commits the same rows again has them twice.
    store.landLate();
    assertThatThrownBy(() -> session.commit(Marked.commit(session, "a")))
        .isInstanceOf(CommitOutcomeUnknownException.class);
    ProducerSession next = ProducerSession.open(open(), "tok");
    assertThat(next.state()).isEqualTo("a");
    next.commit(Marked.commit(next, "b"));
    assertMarks("a", "b");
  }

  private void aba() throws Exception {
    LakeStream sleeping = create();
    ProducerSession sleeper = ProducerSession.open(sleeping, "sleeper");
    sleeper.commit(Marked.commit(sleeper, "s1"));
    passTheHorizon(COMMITS);
    CommitReceipt receipt = sleeper.commit(Marked.commit(sleeper, "s2"));
    assertThat(receipt.version()).isGreaterThan(COMMITS);
    assertThat(receipt.firstStep()).isEqualTo(COMMITS + 1);
    assertThat(marks()).hasSize(COMMITS + 2).endsWith("s2").startsWith("s1");
  }

  private void foldedWhileAmbiguous() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.plan(Operation.PUT_IF_ABSENT, "log/", Fault.LOST_RESPONSE);
    store.before(Operation.GET, "log/00000000000000000001", () -> passTheHorizon(COMMITS));
    assertThat(session.commit(Marked.commit(session, "a"))).isEqualTo(new CommitReceipt(1, 0, 1));
    session.commit(Marked.commit(session, "b"));
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
          passTheHorizon(COMMITS);
          // Its next version is the one that was ours.
          quietly(() -> sleeper.commit(Marked.commit(sleeper, "s")));
        });
    assertThat(session.commit(Marked.commit(session, "a"))).isEqualTo(new CommitReceipt(2, 0, 1));
    session.commit(Marked.commit(session, "b"));
    assertThat(marks()).hasSize(COMMITS + 3).startsWith("a").endsWith("s", "b");
  }

  private void zombie() throws Exception {
    ProducerSession zombie = ProducerSession.open(create(), "tok");
    zombie.commit(Marked.commit(zombie, "a"));
    ProducerSession successor = ProducerSession.open(open(), "tok");
    assertThatThrownBy(() -> zombie.commit(Marked.commit(zombie, "z")))
        .isInstanceOf(FencedException.class);
    successor.commit(Marked.commit(successor, "b"));
    assertThatThrownBy(() -> zombie.commit(Marked.commit(zombie, "z")))
        .isInstanceOf(FencedException.class);
    assertMarks("a", "b");
  }

  private void writerSleeps() throws Exception {
    ProducerSession sleeper = ProducerSession.open(create(), "sleeper");
    sleeper.commit(Marked.commit(sleeper, "s1"));
    ProducerSession successor = ProducerSession.open(open(), "sleeper");
    successor.commit(Marked.commit(successor, "n"));
    passTheHorizon(COMMITS);
    assertThatThrownBy(() -> sleeper.commit(Marked.commit(sleeper, "z")))
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
          passTheHorizon(COMMITS, shared::refresh);
          assertThat(shared.remembers(1)).isTrue();
        });
    CommitReceipt receipt = sleeper.commit(Marked.commit(sleeper, "s"));
    assertThat(receipt.version()).isGreaterThan(COMMITS);
    assertThat(marks()).hasSize(COMMITS + 1).endsWith("s");
  }

  private void readerSleeps() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "tok");
    session.commit(Marked.commit(session, "a"));
    LakeStream sleeper = open();
    byte[] before = memory.contents().get(StreamKeys.entry(1).value());
    passTheHorizon(COMMITS);
    memory.putIfAbsent(StreamKeys.entry(2), before);
    LakeStream fresh = open();
    assertThat(sleeper.refresh()).isEqualTo(fresh.state());
    assertThat(sleeper.state().nextStep()).isEqualTo(COMMITS + 1);
  }

  private void readerIsOvertaken() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "tok");
    session.commit(Marked.commit(session, "a"));
    LakeStream reader = open();
    store.before(Operation.GET, "log/", () -> passTheHorizon(COMMITS));
    assertThat(reader.refresh().nextStep()).isEqualTo(COMMITS + 1);
  }

  /** As a producer does that has been told for certain that its commit was not made. */
  private static CommitReceipt commitUntilMade(ProducerSession session, String mark)
      throws Exception {
    while (true) {
      try {
        return session.commit(Marked.commit(session, mark));
      } catch (IOException e) {
        assertThat(e).hasMessageNotContaining("endless");
      }
    }
  }

  private void assertMarks(String... expected) throws IOException {
    assertThat(marks()).containsExactly(expected);
  }

  private List<String> marks() throws IOException {
    return Marked.in(memory, time.environment());
  }
}
