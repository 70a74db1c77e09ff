// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.FencedException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.Verdict;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.Samples;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What of {@code data/} goes, and what stays (invariant 8). */
@Timeout(120)
class VacuumTest extends RetentionScenario {
  private static final Duration DAY = Duration.ofDays(1);

  private RetentionFixture fixture;

  @BeforeEach
  void begin() throws Exception {
    fixture = create();
  }

  private static VacuumOptions trimTo(long step) {
    return VacuumOptions.defaults().trimming(new TrimTarget.ToStep(step));
  }

  @Test
  void deletesWhatNothingReachesOfFencedSessions() throws Exception {
    ProducerSession first = fixture.session("tok");
    BundleDescriptor trimmed = fixture.upload(first, 2);
    RetentionFixture.commit(first, trimmed);
    BundleDescriptor readable = fixture.upload(first, 2);
    RetentionFixture.commit(first, readable);
    BundleDescriptor lost = fixture.upload(first, 1);
    BundleDescriptor rest = fixture.upload(first, 1);
    BundleDescriptor used = fixture.upload(first, 1);
    RetentionFixture.commit(first, used, new Attachment("rest", rest));
    ProducerSession second = fixture.session("tok");
    BundleDescriptor uploading = fixture.upload(second, 1);

    VacuumReport report = fixture.vacuum(trimTo(2));
    assertThat(report.firstReadable()).isEqualTo(2);
    assertThat(fixture.exists(trimmed)).isFalse();
    assertThat(fixture.exists(lost)).isFalse();
    assertThat(fixture.exists(readable)).isTrue();
    assertThat(fixture.exists(rest)).isTrue();
    assertThat(fixture.exists(used)).isTrue();
    assertThat(fixture.exists(uploading)).as("its session may yet commit it").isTrue();
    DataReport data = report.data();
    assertThat(data.deletedObjects()).isEqualTo(2);
    assertThat(data.deletedBytes()).isEqualTo(200);
    assertThat(data.reachedObjects()).isEqualTo(2);
    assertThat(data.attachedObjects()).isEqualTo(1);
    assertThat(data.fenced()).isEmpty();
    assertThat(data.held()).hasSize(1);
    assertThat(data.held().get(0).producer()).isEqualTo("tok");
    assertThat(data.held().get(0).epoch()).isEqualTo(2);
    assertThat(data.held().get(0).reason()).contains("may still commit");
    fixture.assertSound();
    // The next commit replaces the attachment; then that goes as well.
    RetentionFixture.commit(second, uploading);
    assertThat(fixture.vacuum().data().deletedObjects()).isOne();
    assertThat(fixture.exists(rest)).isFalse();
    fixture.assertSound();
  }

  @Test
  void aCommitOfWhichOneStepIsReadableStaysWhole() throws Exception {
    ProducerSession session = fixture.session("tok");
    BundleDescriptor bundle = fixture.upload(session, 4);
    RetentionFixture.commit(session, bundle);
    fixture.session("tok");
    fixture.vacuum(trimTo(3));
    assertThat(fixture.exists(bundle)).isTrue();
    fixture.vacuum(trimTo(4));
    assertThat(fixture.exists(bundle)).isFalse();
  }

  @Test
  void segmentsOfCommitsGoWithTheirSteps() throws Exception {
    ProducerSession session = fixture.session("tok");
    BundleDescriptor large = fixture.upload(session, 2000);
    RetentionFixture.commit(session, large);
    fixture.produce(session, 1);
    assertThat(fixture.data()).anyMatch(key -> key.endsWith(".json"));
    fixture.session("tok");
    fixture.vacuum(trimTo(1999));
    assertThat(fixture.data()).hasSize(3).anyMatch(key -> key.endsWith(".json"));
    fixture.assertSound();
    fixture.vacuum(trimTo(2000));
    assertThat(fixture.data()).hasSize(1).noneMatch(key -> key.endsWith(".json"));
    fixture.assertSound();
  }

  @Test
  void pinsKeepWhatTheyNeed() throws Exception {
    ProducerSession session = fixture.session("tok");
    fixture.produce(session, 10);
    fixture.session("tok");
    Pins pins = new Pins(fixture.other());
    Pin pin = pins.pin("run", "a", 4, Optional.empty());
    Pin fork = pins.pin("fork", "experiment", 7, Optional.of(9L));
    VacuumReport report = fixture.vacuum(trimTo(10));
    assertThat(report.trim().orElseThrow().heldBy()).contains(pin);
    assertThat(report.pins().pins()).containsExactlyInAnyOrder(pin, fork);
    assertThat(fixture.data()).hasSize(6);
    pins.release(pin);
    fixture.vacuum(trimTo(10));
    assertThat(fixture.data()).hasSize(3);
    pins.release(fork);
    fixture.vacuum(trimTo(10));
    assertThat(fixture.data()).isEmpty();
  }

  /** A broken pin may need everything; garbage that nothing reaches is not its business. */
  @Test
  void aBrokenPinStopsTrimsOnly() throws Exception {
    ProducerSession session = fixture.session("tok");
    fixture.produce(session, 3);
    BundleDescriptor lost = fixture.upload(session, 1);
    fixture.session("tok");
    fixture.memory.damage("pins/run/torn.json", new byte[3]);
    VacuumReport report = fixture.vacuum(trimTo(3));
    assertThat(report.trim().orElseThrow().outcome()).isEqualTo(TrimResult.Outcome.BROKEN_PINS);
    assertThat(report.pins().broken().get(0).object()).isEqualTo("pins/run/torn.json");
    assertThat(fixture.exists(lost)).isFalse();
    assertThat(fixture.data()).hasSize(3);
  }

  @Test
  void lostProducersAreFencedIfThatFreesSomething() throws Exception {
    ProducerSession lost = fixture.session("lost");
    fixture.produce(lost, 2);
    BundleDescriptor left = fixture.upload(lost, 1);
    ProducerSession tidy = fixture.session("tidy");
    fixture.produce(tidy, 1);
    fixture.pass(DAY.minusSeconds(1));
    VacuumReport early = fixture.vacuum();
    assertThat(early.data().fenced()).isEmpty();
    assertThat(early.data().held()).hasSize(1);
    assertThat(fixture.exists(left)).isTrue();
    fixture.pass(Duration.ofSeconds(1));
    VacuumReport report = fixture.vacuum();
    assertThat(report.data().fenced())
        .extracting(Fence::producer, Fence::epoch, Fence::unopened)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("lost", 1L, false));
    assertThat(fixture.exists(left)).isFalse();
    fixture.assertSound();
    // Whoever was only slow is told, and begins anew.
    assertThatThrownBy(() -> fixture.produce(lost, 1))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("retired");
    fixture.produce(fixture.session("lost"), 1);
    fixture.produce(tidy, 1);
    fixture.assertSound();
  }

  @Test
  void anySignOfLifeKeepsAProducer() throws Exception {
    for (int sign = 0; sign < 4; sign++) {
      begin();
      ProducerSession slow = fixture.session("slow");
      BundleDescriptor left = fixture.upload(slow, 1);
      fixture.pass(DAY.minusHours(1));
      if (sign == 0) {
        fixture.upload(slow, 1);
      } else if (sign == 1) {
        fixture.produce(slow, 1);
      } else if (sign == 2) {
        fixture.beginUpload(slow);
      }
      fixture.pass(Duration.ofHours(2));
      assertThat(fixture.vacuum().data().fenced()).hasSize(sign == 3 ? 1 : 0);
      assertThat(fixture.exists(left)).as("sign %d", sign).isEqualTo(sign < 3);
    }
  }

  /** The store's clock counts: a producer's own may be years behind, or ahead. */
  @Test
  void manyLostProducersAreFencedInFewEntries() throws Exception {
    for (int i = 0; i < 30; i++) {
      fixture.upload(fixture.session("p" + i), 1);
    }
    fixture.pass(DAY);
    int entries = fixture.memory.keys("log").size();
    assertThat(fixture.vacuum().data().fenced()).hasSize(30);
    assertThat(fixture.memory.keys("log")).hasSize(entries + 1);
    assertThat(fixture.data()).isEmpty();
  }

  @Test
  void aProducerThatComesBackWhileItIsFencedStays() throws Exception {
    ProducerSession a = fixture.session("a");
    ProducerSession b = fixture.session("b");
    BundleDescriptor ofA = fixture.upload(a, 1);
    BundleDescriptor ofB = fixture.upload(b, 1);
    fixture.pass(DAY);
    fixture.store.before(Operation.PUT_IF_ABSENT, "log/", () -> fixture.session("b"));
    VacuumReport report = fixture.vacuum();
    assertThat(report.data().fenced()).extracting(Fence::producer).containsExactly("a");
    assertThat(fixture.exists(ofA)).isFalse();
    // Its new session has fenced the old one as well.
    assertThat(fixture.exists(ofB)).isFalse();
    fixture.produce(fixture.session("b"), 1);
  }

  /** The zombie is faster than the fence: what it commits between two looks is needed. */
  @Test
  void aZombieThatCommitsBeforeItIsFencedKeepsItsData() throws Exception {
    ProducerSession zombie = fixture.session("zombie");
    BundleDescriptor kept = fixture.upload(zombie, 1);
    BundleDescriptor lost = fixture.upload(zombie, 1);
    fixture.pass(DAY);
    fixture.store.before(
        Operation.PUT_IF_ABSENT, "log/", () -> RetentionFixture.commit(zombie, kept));
    VacuumReport report = fixture.vacuum();
    assertThat(report.data().fenced()).hasSize(1);
    assertThat(fixture.exists(kept)).isTrue();
    assertThat(fixture.exists(lost)).isFalse();
    fixture.assertSound();
  }

  /** The zombie's entry is written after all, by somebody who looks at nothing: it is void. */
  @Test
  void aZombiesLateCommitOfCollectedDataIsVoid() throws Exception {
    ProducerSession zombie = fixture.session("zombie");
    BundleDescriptor collected = fixture.upload(zombie, 1);
    fixture.pass(DAY);
    fixture.vacuum();
    assertThat(fixture.exists(collected)).isFalse();
    LakeStream stream = fixture.other();
    LogEntry late =
        LogEntry.after(stream.state(), UUID.randomUUID(), fixture.time.millis())
            .with(
                new ProducerStamp("zombie", 1, 1),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Samples.whole(collected));
    fixture.memory.putIfAbsent(StreamKeys.entry(late.version()), EntryJson.encode(late));
    stream.refresh();
    assertThat(stream.state().nextStep()).isZero();
    assertThat(stream.voidEntries())
        .extracting(Verdict::problem)
        .containsExactly(Optional.of("producer zombie is retired"));
    assertThat(fixture.vacuum().data().deletedObjects()).isZero();
  }

  @Test
  void dataOfSessionsThatNeverOpenedIsFencedFirst() throws Exception {
    ObjectKey ofNobody = StreamKeys.bundle("nobody", 1, fixture.time.uuid());
    ObjectKey ofTheNext = StreamKeys.commitSegment("tok", 2, fixture.time.uuid());
    ObjectKey farAway = StreamKeys.bundle("tok2", 7, fixture.time.uuid());
    fixture.produce(fixture.session("tok"), 1);
    for (ObjectKey key : List.of(ofNobody, ofTheNext, farAway)) {
      fixture.memory.putIfAbsent(key, new byte[10]);
    }
    VacuumReport early = fixture.vacuum();
    assertThat(early.data().deletedObjects()).isZero();
    assertThat(early.data().held())
        .extracting(DataReport.Held::producer)
        .containsExactly("nobody", "tok", "tok2");
    fixture.pass(DAY);
    VacuumReport report = fixture.vacuum();
    assertThat(report.data().fenced())
        .extracting(Fence::producer, Fence::epoch, Fence::unopened)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("nobody", 1L, true),
            org.assertj.core.groups.Tuple.tuple("tok", 2L, true));
    assertThat(fixture.memory.head(ofNobody)).isEmpty();
    assertThat(fixture.memory.head(ofTheNext)).isEmpty();
    assertThat(fixture.memory.head(farAway)).isPresent();
    assertThat(report.data().held().get(0).reason()).contains("nor of the one before");
    // Both can begin, with the epoch after that.
    assertThat(fixture.session("nobody").stamp().epoch()).isEqualTo(2);
    assertThat(fixture.session("tok").stamp().epoch()).isEqualTo(3);
    fixture.assertSound();
  }

  @Test
  void whatIsNoObjectOfAStreamIsNeverTouched() throws Exception {
    List<String> foreign =
        List.of(
            "data/README",
            "data/00/tok/1/x.arrow",
            "data/00/tok/1/0f8fad5b-d9cb-469f-a165-70867728950e.arrow",
            "data/0f/tok/01/0f8fad5b-d9cb-469f-a165-70867728950e.arrow",
            "data/0f/tok/1/0f8fad5b-d9cb-469f-a165-70867728950e.txt",
            "data/0f/-x/1/0f8fad5b-d9cb-469f-a165-70867728950e.arrow",
            "data/0f/tok/9999999999999999/0f8fad5b-d9cb-469f-a165-70867728950e.arrow");
    List<String> elsewhere =
        List.of(
            "forks/f/stream.json",
            "forks/f/data/0f/tok/1/0f8fad5b-d9cb-469f-a165-70867728950e.arrow",
            "forks/f/log/00000000000000000000.json",
            "log/notes.txt",
            "log/deeper/00000000000000000000.json",
            "snapshots/old.json",
            "segments/00000000000000000001/notes.json",
            "horizon/notes",
            "somebody/elses");
    foreign.forEach(key -> fixture.memory.putIfAbsent(ObjectKey.of(key), new byte[10]));
    elsewhere.forEach(key -> fixture.memory.putIfAbsent(ObjectKey.of(key), new byte[10]));
    fixture.produce(fixture.session("tok"), 3);
    fixture.session("tok");
    fixture.fold();
    fixture.produce(fixture.session("tok"), 3);
    fixture.fold();
    fixture.vacuum(trimTo(3));
    fixture.pass(DAY);
    VacuumReport report = fixture.vacuum(trimTo(3));
    assertThat(report.history().deletedEntries()).isPositive();
    fixture.assertThere(elsewhere);
    fixture.assertThere(foreign);
    assertThat(report.data().foreignObjects()).isEqualTo(foreign.size() - 1);
    assertThat(report.data().held())
        .as("an epoch is all that is odd about the last one")
        .hasSize(1);
  }

  @Test
  void aDryRunSaysTheSameAndChangesNothing() throws Exception {
    fixture.produce(fixture.session("tok"), 6);
    fixture.fold();
    ProducerSession second = fixture.session("tok");
    fixture.produce(second, 3);
    fixture.fold();
    fixture.upload(second, 1);
    fixture.beginUpload(second);
    fixture.pass(DAY);
    Map<String, String> before = fixture.contents();
    VacuumReport plan = fixture.vacuum(trimTo(4).planOnly());
    assertThat(fixture.contents()).isEqualTo(before);
    assertThat(fixture.memory.pendingUploads()).hasSize(1);
    VacuumReport done = fixture.vacuum(trimTo(4));
    assertThat(plan.dryRun()).isTrue();
    assertThat(plan.firstReadable()).isEqualTo(done.firstReadable()).isEqualTo(4);
    assertThat(plan.data()).isEqualTo(done.data());
    assertThat(plan.data().deletedObjects()).isEqualTo(5);
    assertThat(plan.history().newHorizon()).isEqualTo(done.history().newHorizon()).isPresent();
    assertThat(plan.abortedUploads()).isEqualTo(done.abortedUploads()).hasSize(1);
    assertThat(fixture.memory.pendingUploads()).isEmpty();
  }

  @Test
  void abandonedUploadsAreAborted() throws Exception {
    ProducerSession session = fixture.session("tok");
    ObjectUpload old = fixture.beginUpload(session);
    fixture.pass(DAY.minusHours(1));
    try (ObjectUpload slow = fixture.beginUpload(session)) {
      fixture.pass(Duration.ofHours(1));
      VacuumReport report = fixture.vacuum();
      assertThat(report.abortedUploads()).hasSize(1);
      assertThat(report.pendingUploads()).isOne();
      assertThatThrownBy(old::finish).hasMessageContaining("aborted");
      slow.finish();
    }
    assertThat(fixture.data()).hasSize(1);
  }

  /** Nobody can tell what is needed: nothing goes. */
  @Test
  void aDamagedIndexKeepsAllData() throws Exception {
    fixture.produce(fixture.session("tok"), 300);
    fixture.session("tok");
    fixture.fold();
    String leaf = fixture.memory.keys("segments").get(0);
    for (String segment : fixture.memory.keys("segments")) {
      if (new String(
              fixture.memory.contents().get(segment), java.nio.charset.StandardCharsets.UTF_8)
          .contains("\"kind\":\"steps\"")) {
        leaf = segment;
      }
    }
    fixture.memory.damage(leaf, new byte[10]);
    // As long as the entries were there, the log would tell.
    fixture.memory.keys("log").forEach(key -> fixture.memory.delete(ObjectKey.of(key)));
    int before = fixture.data().size();
    String damaged = leaf;
    assertThatThrownBy(() -> fixture.vacuum(trimTo(100)))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining(damaged);
    assertThat(fixture.data()).hasSize(before);
  }

  /** What is uploaded and committed at any moment of a vacuum is there afterwards. */
  @Test
  void producersGoOnAtAnyMoment() throws Exception {
    ProducerSession old = fixture.session("tok");
    fixture.produce(old, 5);
    fixture.upload(old, 1);
    ProducerSession live = fixture.session("tok");
    BundleDescriptor before = fixture.upload(live, 1);
    ProducerSession lost = fixture.session("lost");
    BundleDescriptor ofZombie = fixture.upload(lost, 1);
    fixture.pass(DAY);
    fixture.upload(live, 1);
    RetentionFixture initial = fixture;
    boolean passed = false;
    int zombies = 0;
    for (int k = 0; !passed; k += backing().stride()) {
      fixture = initial.copy();
      ProducerSession reborn = fixture.session("tok");
      BundleDescriptor listed = fixture.upload(reborn, 1);
      boolean[] committed = {false};
      fixture.store.beforeOperation(
          k,
          () -> {
            RetentionFixture.commit(reborn, listed);
            RetentionFixture.commit(reborn, fixture.upload(reborn, 1));
            fixture.upload(reborn, 1);
            committed[0] = zombieCommits(ofZombie);
          });
      fixture.vacuum(trimTo(2));
      passed = fixture.store.openPlans() > 0;
      fixture.assertSound();
      assertThat(fixture.exists(before)).as("its session is fenced").isFalse();
      zombies += committed[0] ? 1 : 0;
      assertThat(fixture.exists(ofZombie)).isEqualTo(committed[0]);
    }
    assertThat(zombies).isGreaterThan(3 / backing().stride());
  }

  /** Puts the entry of the lost producer as a zombie does; whether it is valid. */
  private boolean zombieCommits(BundleDescriptor bundle) throws IOException {
    LakeStream stream = fixture.other();
    LogEntry entry =
        LogEntry.after(stream.state(), UUID.randomUUID(), fixture.time.millis())
            .with(
                new ProducerStamp("lost", 1, 1),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Samples.whole(bundle));
    fixture.memory.putIfAbsent(StreamKeys.entry(entry.version()), EntryJson.encode(entry));
    long before = stream.state().nextStep();
    return stream.refresh().nextStep() > before;
  }

  /** Wherever it dies, nothing that is needed is gone, and later ones finish the work. */
  @Test
  void dyingAtAnyMoment() throws Exception {
    garbageOfAllKinds();
    RetentionFixture initial = fixture;
    RetentionFixture clean = initial.copy();
    fixture = clean;
    vacuumThrice();
    Map<String, String> wanted = clean.contents();
    boolean died = true;
    int operations = 0;
    for (int k = 0; died; k += backing().stride(), operations++) {
      fixture = initial.copy();
      fixture.store.dieAfter(k);
      try {
        fixture.vacuum(trimTo(8));
        died = false;
      } catch (IOException | dev.lakestream.error.LakestreamException e) {
        fixture.assertSound();
      }
      fixture.store.dieAfter(Long.MAX_VALUE);
      vacuumThrice();
      fixture.assertSound();
      assertThat(keysOf(fixture, "data")).as("operation %d", k).isEqualTo(keysOf(clean, "data"));
      assertThat(fixture.memory.pendingUploads()).isEmpty();
      assertThat(fixture.memory.keys("horizon")).isEqualTo(clean.memory.keys("horizon"));
      assertThat(fixture.memory.keys("snapshots")).isEqualTo(clean.memory.keys("snapshots"));
      assertThat(fixture.memory.keys("segments")).isEqualTo(clean.memory.keys("segments"));
    }
    assertThat(operations).isGreaterThan(40 / backing().stride());
    assertThat(wanted).isNotEmpty();
  }

  private static List<String> keysOf(RetentionFixture of, String folder) {
    return of.memory.keys(folder);
  }

  private void vacuumThrice() throws IOException {
    for (int i = 0; i < 3; i++) {
      fixture.vacuum(trimTo(8));
      fixture.pass(Duration.ofHours(1));
    }
  }

  private void garbageOfAllKinds() throws IOException {
    ProducerSession first = fixture.session("tok");
    fixture.produce(first, 5);
    fixture.upload(first, 1);
    fixture.fold();
    ProducerSession second = fixture.session("tok");
    fixture.produce(second, 5);
    fixture.fold();
    RetentionFixture.commit(
        second, fixture.upload(second, 1), new Attachment("rest", fixture.upload(second, 1)));
    fixture.upload(fixture.session("lost"), 1);
    fixture.beginUpload(second);
    fixture.memory.putIfAbsent(StreamKeys.bundle("nobody", 1, fixture.time.uuid()), new byte[10]);
    fixture.fold();
    fixture.pass(DAY);
  }

  /** Two at once: the second does all of its work between two operations of the first. */
  @Test
  void twoAtOnce() throws Exception {
    garbageOfAllKinds();
    RetentionFixture initial = fixture;
    boolean passed = false;
    for (int k = 0; !passed; k += backing().stride()) {
      fixture = initial.copy();
      fixture.store.beforeOperation(
          k,
          () -> {
            try {
              new Vacuum(fixture.other(), trimTo(8)).run();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          });
      try {
        fixture.vacuum(trimTo(8));
      } catch (StepUnavailableException e) {
        throw new AssertionError("operation " + k, e);
      }
      passed = fixture.store.openPlans() > 0;
      fixture.assertSound();
      vacuumThrice();
      fixture.assertSound();
      assertThat(fixture.data()).hasSize(4);
    }
  }
}
