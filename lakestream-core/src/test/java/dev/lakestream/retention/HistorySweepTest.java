// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CommitOutcomeUnknownException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.StreamState;
import dev.lakestream.producer.CommitReceipt;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore.Operation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How history goes, and that nobody who slept meanwhile is misled (docs/format.md §8). */
@Timeout(120)
class HistorySweepTest extends RetentionScenario {
  private static final Duration GRACE = VacuumOptions.GRACE;

  private RetentionFixture fixture;
  private ProducerSession session;

  @BeforeEach
  void begin() throws Exception {
    fixture = create();
    session = fixture.session("tok");
  }

  /** Entries 0 (the opening) to 30; snapshots at 10, 20 and 30. */
  private void threeSnapshots() throws IOException {
    for (int i = 0; i < 3; i++) {
      fixture.produce(session, 10);
      fixture.fold();
    }
  }

  private static List<String> entries(long from, long to) {
    List<String> keys = new ArrayList<>();
    for (long version = from; version <= to; version++) {
      keys.add(StreamKeys.entry(version).value());
    }
    return keys;
  }

  @Test
  void plansByTwoRootsAndByAge() {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    Instant old = now.minus(GRACE);
    Instant young = old.plusMillis(1);
    assertThat(HistoryPlan.of(List.of(), Map.of(5L, old), now, GRACE).deleteBelow()).isZero();
    assertThat(HistoryPlan.of(List.of(7L), Map.of(5L, old), now, GRACE))
        .isEqualTo(new HistoryPlan(Optional.empty(), Optional.empty(), 0, List.of()));
    assertThat(HistoryPlan.of(List.of(7L, 9L, 3L), Map.of(), now, GRACE))
        .isEqualTo(new HistoryPlan(Optional.of(7L), Optional.of(7L), 0, List.of()));
    assertThat(HistoryPlan.of(List.of(7L, 9L), Map.of(7L, young, 3L, old, 2L, young), now, GRACE))
        .isEqualTo(new HistoryPlan(Optional.of(7L), Optional.empty(), 3, List.of(2L)));
    assertThat(HistoryPlan.of(List.of(7L, 9L), Map.of(7L, old, 3L, old), now, GRACE))
        .isEqualTo(new HistoryPlan(Optional.of(7L), Optional.empty(), 7, List.of(3L)));
    // Roots above the horizon were lost: the older of those that are left decides.
    assertThat(HistoryPlan.of(List.of(4L, 9L), Map.of(7L, old), now, GRACE))
        .isEqualTo(new HistoryPlan(Optional.of(4L), Optional.empty(), 4, List.of()));
  }

  @Test
  void marksFirstAndDeletesAfterTheGraceTime() throws Exception {
    threeSnapshots();
    VacuumReport first = fixture.vacuum();
    assertThat(first.history().newHorizon()).contains(20L);
    assertThat(first.history().deletedEntries()).isZero();
    assertThat(first.history().note().orElseThrow()).contains("must stand for");
    assertThat(fixture.memory.keys("horizon")).containsExactly("horizon/00000000000000000020.json");
    fixture.pass(GRACE.minusMillis(1));
    assertThat(fixture.vacuum().history().deletedEntries()).isZero();
    assertThat(fixture.memory.keys("log")).hasSize(31);
    fixture.pass(Duration.ofMillis(1));
    StreamState before = fixture.other().state();
    VacuumReport second = fixture.vacuum();
    assertThat(second.history().deletedEntries()).isEqualTo(20);
    assertThat(second.history().deletedRoots()).isOne();
    assertThat(second.history().note()).isEmpty();
    assertThat(fixture.memory.keys("log")).isEqualTo(entries(20, 30));
    assertThat(fixture.memory.keys("snapshots"))
        .containsExactly(StreamKeys.snapshot(20).value(), StreamKeys.snapshot(30).value());
    assertThat(fixture.other().state()).isEqualTo(before);
    fixture.assertSound();
    VacuumReport third = fixture.vacuum();
    assertThat(third.history().deletedEntries()).isZero();
    assertThat(third.history().deletedSegments()).isZero();
  }

  @Test
  void aVacuumEveryMinuteStillGetsThere() throws Exception {
    for (int i = 0; i < 60; i++) {
      fixture.produce(session, 5);
      fixture.fold();
      fixture.vacuum();
      fixture.pass(Duration.ofMinutes(1));
    }
    assertThat(fixture.memory.keys("log").size()).isLessThan(5 * 20);
    assertThat(fixture.memory.keys("horizon").size()).isLessThan(20);
    assertThat(fixture.memory.keys("snapshots").size()).isLessThan(20);
    fixture.assertSound();
  }

  @Test
  void oneSnapshotIsNotEnough() throws Exception {
    fixture.produce(session, 10);
    fixture.fold();
    VacuumReport report = fixture.vacuum();
    assertThat(report.history().newHorizon()).isEmpty();
    assertThat(report.history().note().orElseThrow()).contains("1 intact snapshots");
    assertThat(fixture.memory.keys("horizon")).isEmpty();
  }

  @Test
  void segmentsGoWhenNoRootNamesThemAnyMore() throws Exception {
    threeSnapshots();
    int segments = fixture.memory.keys("segments").size();
    fixture.vacuum();
    fixture.pass(GRACE);
    long removed = fixture.vacuum().history().deletedSegments();
    assertThat(removed).isPositive();
    assertThat(fixture.memory.keys("segments")).hasSize((int) (segments - removed));
    // Half a snapshot, of a folder that died: garbage once the horizon has passed it.
    fixture.memory.putIfAbsent(StreamKeys.segment(3, fixture.time.uuid()), new byte[5]);
    fixture.memory.putIfAbsent(StreamKeys.segment(25, fixture.time.uuid()), new byte[5]);
    assertThat(fixture.vacuum().history().deletedSegments()).isOne();
    fixture.assertSound();
  }

  /** A snapshot that lost a segment counts for nothing, and must not be built upon. */
  @Test
  void brokenSnapshotsAreNoneAndGo() throws Exception {
    threeSnapshots();
    String ofThirty =
        fixture.memory.keys("segments").stream()
            .filter(key -> key.startsWith("segments/" + "0".repeat(18) + "30/"))
            .findFirst()
            .orElseThrow();
    fixture.memory.delete(ObjectKey.of(ofThirty));
    fixture.memory.damage(StreamKeys.snapshot(40).value(), "torn".getBytes(StandardCharsets.UTF_8));
    VacuumReport report = fixture.vacuum();
    assertThat(report.history().newHorizon()).contains(10L);
    assertThat(report.history().brokenRoots())
        .hasSize(2)
        .anyMatch(problem -> problem.contains(ofThirty))
        .anyMatch(problem -> problem.contains("snapshots/00000000000000000040"));
    assertThat(fixture.memory.keys("snapshots"))
        .containsExactly(StreamKeys.snapshot(10).value(), StreamKeys.snapshot(20).value());
    fixture.assertSound();
    assertThat(fixture.other().state().nextStep()).isEqualTo(30);
  }

  @Test
  void theLastSnapshotsStayHoweverBroken() throws Exception {
    threeSnapshots();
    for (long version : new long[] {10, 20}) {
      fixture.memory.damage(StreamKeys.snapshot(version).value(), new byte[9]);
    }
    VacuumReport report = fixture.vacuum();
    assertThat(report.history().brokenRoots()).hasSize(2);
    assertThat(report.history().deletedRoots()).isZero();
    assertThat(fixture.memory.keys("snapshots")).hasSize(3);
  }

  /** A root that says another thing than the log at its version is somebody's mistake. */
  @Test
  void aRootOfAnotherHistoryIsBroken() throws Exception {
    threeSnapshots();
    RetentionFixture twin = create();
    byte[] foreign = fixture.memory.contents().get(StreamKeys.snapshot(20).value());
    assertThat(twin.memory.keys("snapshots")).isEmpty();
    byte[] entry = fixture.memory.contents().get(StreamKeys.entry(20).value());
    fixture.memory.damage(StreamKeys.snapshot(20).value(), foreign);
    fixture.memory.damage(StreamKeys.entry(20).value(), new byte[entry.length]);
    // The newest is that of version 30, so opening does not come by the damaged entry.
    VacuumReport report = fixture.vacuum();
    assertThat(report.history().brokenRoots())
        .hasSize(1)
        .allMatch(problem -> problem.contains("its digest is not that of the entry"));
    assertThat(report.history().newHorizon()).contains(10L);
  }

  /** The horizon passes a writer between what it saw and what it puts. */
  @Test
  void aWriterThatSleptAcrossTheVacuumCommitsOnce() throws Exception {
    fixture.produce(session, 1);
    LakeStream asleep = fixture.open();
    ProducerSession sleeper = ProducerSession.open(asleep, "sleeper");
    fixture.store.before(Operation.PUT_IF_ABSENT, "log/", this::moveOn);
    CommitReceipt receipt =
        sleeper.commit(
            dev.lakestream.producer.Commit.of(
                dev.lakestream.testing.Samples.whole(fixture.upload(sleeper, 1)), "mine"));
    assertThat(fixture.store.openPlans()).isZero();
    assertThat(receipt.version()).isGreaterThan(30);
    LakeStream fresh = fixture.other();
    assertThat(fresh.producer("sleeper").orElseThrow().sequence()).isOne();
    assertThat(fresh.groupOf(receipt.firstStep()).producer().id()).isEqualTo("sleeper");
    assertThat(fresh.state().nextStep()).isEqualTo(receipt.firstStep() + 1);
    // The entry that it re-created is nobody's, and goes.
    assertThat(fixture.memory.keys("log")).contains(StreamKeys.entry(3).value());
    fixture.vacuum();
    assertThat(fixture.memory.keys("log")).doesNotContain(StreamKeys.entry(3).value());
    fixture.assertSound();
  }

  @Test
  void anOperatorWhoSleptIsNotSure() throws Exception {
    LakeStream asleep = fixture.open();
    fixture.store.before(Operation.PUT_IF_ABSENT, "log/", this::moveOn);
    assertThatThrownBy(() -> new StreamControl(asleep).commit(new Action.Seal()))
        .isInstanceOf(CommitOutcomeUnknownException.class);
    assertThat(fixture.other().state().sealed()).isFalse();
  }

  /** A pinner sleeps between its put and its look at the log. */
  @Test
  void aPinnerThatSleptIsToldWhatWasTrimmed() throws Exception {
    fixture.produce(session, 5);
    Pins asleep = new Pins(fixture.open());
    fixture.store.before(
        Operation.PUT_IF_ABSENT,
        "pins/",
        () -> {
          moveOn();
          fixture.vacuum(VacuumOptions.defaults().trimming(new TrimTarget.ToStep(20)));
        });
    assertThatThrownBy(() -> asleep.pin("run", "a", 3, Optional.empty()))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("first readable step is 20");
    assertThat(fixture.memory.keys("pins")).isEmpty();
  }

  private void moveOn() throws IOException {
    threeSnapshots();
    fixture.vacuum();
    fixture.pass(GRACE);
    fixture.vacuum();
    assertThat(fixture.memory.keys("log")).doesNotContain(StreamKeys.entry(3).value());
  }

  /** A reader that slept gets what was, and once it looks learns what was trimmed. */
  @Test
  void aReaderThatSleptIsNeverMisled() throws Exception {
    threeSnapshots();
    List<CommittedGroup> truth = new ArrayList<>();
    LakeStream reader = fixture.other();
    for (long step = 0; step < 30; step++) {
      truth.add(reader.groupOf(step));
    }
    LakeStream asleep = fixture.other();
    LakeStream before = LakeStream.open(fixture.memory, fixture.time.environment());
    fixture.session("tok");
    session = fixture.session("tok");
    threeSnapshots();
    VacuumOptions trim = VacuumOptions.defaults().trimming(new TrimTarget.ToStep(45));
    for (int i = 0; i < 3; i++) {
      fixture.vacuum(trim);
      fixture.pass(GRACE);
    }
    // Its snapshot is gone: it goes on from a newer one, of before the trim.
    for (long step = 0; step < 30; step++) {
      assertThat(asleep.groupOf(step)).isEqualTo(truth.get((int) step));
    }
    for (LakeStream awake : List.of(asleep, before)) {
      awake.refresh();
      assertThat(awake.state()).isEqualTo(fixture.other().state());
      assertThatThrownBy(() -> awake.groupOf(3))
          .isInstanceOf(StepUnavailableException.class)
          .hasMessageContaining("trimmed");
      assertThat(awake.groupOf(45)).isEqualTo(fixture.other().groupOf(45));
    }
  }

  /** A folder whose base is below the horizon would name segments that are gone. */
  @Test
  void aFolderThatSleptWritesNoSnapshot() throws Exception {
    fixture.produce(session, 10);
    fixture.fold();
    LakeStream asleep = fixture.other();
    fixture.produce(session, 5);
    threeSnapshots();
    asleep.refresh();
    fixture.vacuum();
    fixture.produce(session, 3);
    asleep.refresh();
    int roots = fixture.memory.keys("snapshots").size();
    asleep.writeSnapshot();
    assertThat(fixture.memory.keys("snapshots")).hasSize(roots);
    fixture.fold();
    assertThat(fixture.memory.keys("snapshots")).hasSize(roots + 1);
    assertThat(fixture.vacuum().history().brokenRoots()).isEmpty();
  }
}
