// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.repeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.fork.Forks;
import dev.lakestream.log.Action;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.CellSource;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole steps are committed once more, once, whatever fails. */
@Timeout(120)
class StepRepeatTest {
  private static final RepeatRequest ALL = RepeatRequest.of(0, 12, RepeatOrder.STEPS, 7);

  private final VirtualTime time = new VirtualTime(5);
  private final InspectedStore memory = backing().empty(time);
  private final FaultyStore store = new FaultyStore(memory);

  /** What keeps the objects; a subclass runs the same tests on another store. */
  protected Backing backing() {
    return Backing.memory();
  }

  @BeforeEach
  void createStream() throws Exception {
    LakeStream stream = LakeStream.create(memory, Samples.definition(), time.environment());
    for (String producer : List.of("a", "b")) {
      ProducerSession session = ProducerSession.open(stream, producer);
      for (int steps : new int[] {4, 2}) {
        session.commit(
            Commit.of(Samples.whole(Samples.bundle(session.newBundleKey(), steps, 8, 1)), "s"));
      }
    }
  }

  private LakeStream open() throws IOException {
    return LakeStream.open(store, time.environment());
  }

  private Optional<CommitReceipt> repeat(RepeatRequest request) throws Exception {
    LakeStream stream = open();
    ProducerSession session = ProducerSession.open(stream, "again");
    return session.repeat(StepRepeat.of(stream, request));
  }

  private static List<ObjectKey> keys(LakeStream stream, long step) throws IOException {
    return stream.groupOf(step).sources(step).stream()
        .map(source -> source.bundle().key())
        .toList();
  }

  private static List<StepRecord> records(LakeStream stream, long from, long to)
      throws IOException {
    List<StepRecord> records = new ArrayList<>();
    for (long step = from; step < to; step++) {
      records.add(stream.groupOf(step).step(step));
    }
    return records;
  }

  @Test
  void permutesStepsBySeed() throws Exception {
    CommitReceipt receipt = repeat(ALL).orElseThrow();
    assertThat(receipt.firstStep()).isEqualTo(12);
    assertThat(receipt.steps()).isEqualTo(12);
    LakeStream stream = open();
    assertThat(stream.state().totals().rows()).isEqualTo(24 * 16);
    long[] order = LongStream.range(0, 12).toArray();
    Shuffle.shuffle(order, 7);
    assertThat(order).isNotEqualTo(LongStream.range(0, 12).toArray()).hasSize(12);
    for (int i = 0; i < 12; i++) {
      CommittedGroup group = stream.groupOf(12 + i);
      assertThat(group.producer().id()).isEqualTo("again");
      assertThat(group.step(12 + i)).isEqualTo(stream.groupOf(order[i]).step(order[i]));
      assertThat(keys(stream, 12 + i)).isEqualTo(keys(stream, order[i]));
      CellSource then = stream.groupOf(order[i]).sources(order[i]).get(0);
      CellSource now = group.sources(12 + i).get(0);
      assertThat(now).isEqualTo(then);
    }
    assertThat(memory.keys("data")).as("small enough for the entry").isEmpty();
  }

  /** The order of a seed is a part of the format: it must never change. */
  @Test
  void theOrderOfASeedIsFixed() {
    long[] order = LongStream.range(0, 10).toArray();
    Shuffle.shuffle(order, 42);
    java.util.List<Long> expected = new ArrayList<>(LongStream.range(0, 10).boxed().toList());
    java.util.Collections.shuffle(expected, new java.util.Random(42));
    assertThat(LongStream.of(order).boxed().toList()).isEqualTo(expected);
    assertThat(order).containsExactly(4, 6, 2, 1, 7, 9, 8, 5, 3, 0);
  }

  @Test
  void keepsBundlesThatStayWhole() throws Exception {
    assertThat(repeat(RepeatRequest.of(1, 12, RepeatOrder.AS_WRITTEN, 0))).isPresent();
    LakeStream stream = open();
    assertThat(records(stream, 12, 23)).isEqualTo(records(stream, 1, 12));
    List<Boolean> whole = new ArrayList<>();
    for (long step = 12; step < 23; step = stream.groupOf(step).nextStep()) {
      whole.add(stream.groupOf(step).group() instanceof StepGroup.BundleGroup);
    }
    assertThat(whole).containsExactly(false, false, false, true, true, true);
  }

  @Test
  void skippedStepsAreRepeatedUnlessLeftOut() throws Exception {
    long rules = new StreamControl(open()).commit(new Action.Skip(2, 5, "spike"));
    assertThat(repeat(ALL).orElseThrow().steps()).isEqualTo(12);
    RepeatRequest without = new RepeatRequest(0, 12, RepeatOrder.AS_WRITTEN, 0, Optional.of(rules));
    assertThat(repeat(without).orElseThrow().steps()).isEqualTo(9);
    LakeStream stream = open();
    assertThat(records(stream, 24, 26)).isEqualTo(records(stream, 0, 2));
    assertThat(records(stream, 26, 33)).isEqualTo(records(stream, 5, 12));
    RepeatRequest nothing = new RepeatRequest(2, 5, RepeatOrder.STEPS, 0, Optional.of(rules));
    assertThatThrownBy(() -> repeat(nothing))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("left out");
  }

  @Test
  void whatWasRepeatedCanBeRepeated() throws Exception {
    assertThat(repeat(ALL)).isPresent();
    assertThat(repeat(RepeatRequest.of(6, 24, RepeatOrder.STEPS, 1))).isPresent();
    LakeStream stream = open();
    assertThat(records(stream, 24, 42)).containsExactlyInAnyOrderElementsOf(records(stream, 6, 24));
  }

  @Test
  void theSameRequestIsCarriedOutOnce() throws Exception {
    assertThat(repeat(ALL)).isPresent();
    assertThat(repeat(ALL)).isEmpty();
    assertThat(open().state().nextStep()).isEqualTo(24);
    assertThat(repeat(RepeatRequest.of(0, 12, RepeatOrder.STEPS, 8))).isPresent();
    LakeStream stream = open();
    ProducerSession session = ProducerSession.open(stream, "again");
    assertThat(session.repeat(StepRepeat.of(stream, ALL, "second epoch", 100))).isPresent();
    assertThat(open().state().nextStep()).isEqualTo(48);
  }

  /** Dies at the commit, in each way; whoever tries again makes it once. */
  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"LOST_RESPONSE", "LOST_REQUEST", "LATE", "REFUSED"})
  void aRepeatThatDiesIsMadeOnceByTheNext(Fault fault) throws Exception {
    LakeStream stream = open();
    ProducerSession session = ProducerSession.open(stream, "again");
    String entry = "log/%020d.json".formatted(stream.state().version() + 1);
    for (int attempt = 0; attempt < 500; attempt++) {
      store.plan(Operation.PUT_IF_ABSENT, entry, fault);
    }
    try {
      session.repeat(StepRepeat.of(stream, ALL));
    } catch (CommitOutcomeUnknownException | IOException e) {
      assertThat(e).hasMessageNotContaining("void");
    }
    store.clearPlans();
    repeat(ALL);
    store.landLate();
    assertThat(repeat(ALL)).isEmpty();
    assertThat(open().state().nextStep()).isEqualTo(24);
  }

  @Test
  void segmentsThatCannotBeWrittenLeaveNothing() throws Exception {
    LakeStream stream = open();
    ProducerSession session = ProducerSession.open(stream, "again");
    store.plan(Operation.PUT_IF_ABSENT, "data/", Fault.REFUSED);
    assertThatThrownBy(() -> session.repeat(StepRepeat.of(stream, ALL, "k", 3)))
        .isInstanceOf(IOException.class);
    assertThat(open().state().nextStep()).isEqualTo(12);
    assertThat(session.repeat(StepRepeat.of(stream, ALL, "k", 3))).isPresent();
    assertThat(memory.keys("data")).as("one of each part").hasSize(4);
    assertThat(records(open(), 12, 24)).containsExactlyInAnyOrderElementsOf(records(open(), 0, 12));
  }

  /** A trim is faster than the entry: the repeat is void, and says so. */
  @Test
  void aTrimThatPassesTheRangeWins() throws Exception {
    LakeStream stream = open();
    ProducerSession session = ProducerSession.open(stream, "again");
    StepRepeat steps = StepRepeat.of(stream, ALL);
    String entry = "log/%020d.json".formatted(stream.state().version() + 1);
    store.before(Operation.PUT_IF_ABSENT, entry, this::trim);
    assertThatThrownBy(() -> session.repeat(steps))
        .isInstanceOf(CommitRejectedException.class)
        .hasMessageContaining("those from 3 to 12 may be repeated");
    assertThat(open().state().nextStep()).isEqualTo(12);
    assertThatThrownBy(() -> StepRepeat.of(open(), ALL))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("first readable step is 3");
    assertThat(repeat(RepeatRequest.of(3, 12, RepeatOrder.STEPS, 7))).isPresent();
  }

  private void trim() throws IOException {
    try {
      StreamControl control = new StreamControl(LakeStream.open(memory, time.environment()));
      control.commit(new Action.Trim(3, control.commit(new Action.TrimIntent(3))));
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void keepsStateAndAttachmentsOfTheSession() throws Exception {
    LakeStream stream = open();
    ProducerSession session = ProducerSession.open(stream, "a");
    assertThat(session.state()).isEqualTo("s");
    assertThat(session.repeat(StepRepeat.of(stream, ALL))).isPresent();
    assertThat(session.state()).isEqualTo("s");
    assertThat(open().producer("a").orElseThrow().state()).isEqualTo("s");
    assertThat(open().producer("a").orElseThrow().sequence()).isEqualTo(1);
  }

  @Test
  void refusesWhatCannotBe() throws Exception {
    LakeStream stream = open();
    for (long[] range : new long[][] {{-1, 3}, {3, 3}, {5, 4}, {0, 13}}) {
      assertThatThrownBy(
              () ->
                  StepRepeat.of(stream, RepeatRequest.of(range[0], range[1], RepeatOrder.STEPS, 1)))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("can't be repeated");
    }
    assertThatThrownBy(() -> StepRepeat.of(stream, RepeatRequest.of(0, 3, RepeatOrder.SLOTS, 1)))
        .isInstanceOf(InvalidRequestException.class);
    RepeatRequest late = new RepeatRequest(0, 3, RepeatOrder.STEPS, 1, Optional.of(999L));
    assertThatThrownBy(() -> StepRepeat.of(stream, late))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("999");
    LakeStream fork = new Forks(stream).create("x", 6);
    assertThatThrownBy(() -> StepRepeat.of(fork, RepeatRequest.of(0, 6, RepeatOrder.STEPS, 1)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("fork")
        .hasMessageContaining("first own step is 6");
    new StreamControl(stream).commit(new Action.Seal());
    assertThatThrownBy(() -> StepRepeat.of(stream, ALL)).hasMessageContaining("sealed");
  }

  /** A hundred thousand steps in one entry, held a part at a time. */
  @Test
  @Timeout(300)
  void aLongRepeatIsOneEntry() throws Exception {
    InspectedStore large = backing().empty(time);
    LakeStream stream = LakeStream.create(large, Samples.definition(), time.environment());
    ProducerSession session = ProducerSession.open(stream, "a");
    for (int i = 0; i < 25; i++) {
      session.commit(
          Commit.of(Samples.whole(Samples.bundle(session.newBundleKey(), 4000, 8, 1)), "s"));
    }
    RepeatRequest request = RepeatRequest.of(0, 100_000, RepeatOrder.STEPS, 3);
    CommitReceipt receipt = session.repeat(StepRepeat.of(stream, request)).orElseThrow();
    assertThat(receipt.steps()).isEqualTo(100_000);
    LakeStream opened = LakeStream.open(large, time.environment());
    assertThat(opened.state().nextStep()).isEqualTo(200_000);
    long[] order = LongStream.range(0, 100_000).toArray();
    Shuffle.shuffle(order, 3);
    for (int i = 0; i < 100_000; i += 9973) {
      assertThat(opened.groupOf(100_000 + i).step(100_000 + i))
          .isEqualTo(opened.groupOf(order[i]).step(order[i]));
      assertThat(opened.groupOf(100_000 + i).before(100_000 + i).rows())
          .isEqualTo(16L * (100_000 + i));
    }
  }
}
