// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.fork.Forks;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.FolderStore;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.Samples;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Trims and vacuums of a stream that has a fork, and of the fork. */
@Timeout(60)
class ForkRetentionTest extends RetentionScenario {
  private static final int PARENT_STEPS = 20;
  private static final int FORKED_AT = 8;

  private RetentionFixture fixture;
  private ObjectStore forkStore;

  /** All sessions of the parent are fenced: nothing but reachability keeps its data. */
  @BeforeEach
  void begin() throws Exception {
    fixture = create();
    fixture.produce(fixture.session("tok"), PARENT_STEPS);
    fixture.session("tok");
    forkStore = FolderStore.ofFork(fixture.memory, "x");
    new Forks(fixture.other()).create("x", FORKED_AT);
  }

  private LakeStream fork() throws Exception {
    return LakeStream.open(forkStore, fixture.time.environment());
  }

  private BundleDescriptor upload(ProducerSession session) throws Exception {
    BundleDescriptor bundle = Samples.bundle(session.newBundleKey(), 1, 8, 1);
    forkStore.putIfAbsent(bundle.key(), new byte[100]);
    return bundle;
  }

  private void produceInFork(int steps) throws Exception {
    ProducerSession session = ProducerSession.open(fork(), "tok");
    for (int i = 0; i < steps; i++) {
      RetentionFixture.commit(session, upload(session));
    }
    ProducerSession.open(fork(), "tok");
  }

  private VacuumReport vacuumFork(VacuumOptions options) throws Exception {
    return new Vacuum(fork(), options).run();
  }

  private static VacuumOptions trimming(TrimTarget target) {
    return VacuumOptions.defaults().trimming(target);
  }

  /** Everything but what is below the fork's root. */
  private Map<String, String> parentContents() {
    Map<String, String> contents = fixture.contents();
    contents.keySet().removeIf(key -> key.startsWith("forks/"));
    return contents;
  }

  private void assertForkIsSound() throws Exception {
    LakeStream fork = fork();
    for (long step = fork.state().firstReadable(); step < fork.state().nextStep(); step++) {
      CommittedGroup group = fork.groupOf(step);
      ObjectStore home = fork.storeOf(group);
      for (var source : group.sources(step)) {
        assertThat(home.head(source.bundle().key())).as("step %s", step).isPresent();
      }
    }
  }

  @Test
  void theParentsTrimAndVacuumAreHeldBack() throws Exception {
    VacuumReport report = fixture.vacuum(trimming(new TrimTarget.KeepSteps(0)));
    TrimResult trim = report.trim().orElseThrow();
    assertThat(trim.outcome()).isEqualTo(TrimResult.Outcome.HELD);
    assertThat(trim.heldBy().map(Pin::job)).contains("fork");
    assertThat(trim.heldBy().map(Pin::checkpoint)).contains("x");
    assertThat(report.firstReadable()).isZero();
    assertThat(report.data().deletedObjects()).isZero();
    assertThat(fixture.data()).hasSize(PARENT_STEPS);
    assertForkIsSound();
  }

  /** What was trimmed before the fork was made is none of its business. */
  @Test
  void whatLiesBeforeTheForksFirstStepGoes() throws Exception {
    new Forks(fixture.other()).delete("x");
    new Trimming(fixture.other()).to(3);
    new Forks(fixture.other()).create("y", FORKED_AT);
    VacuumReport report = fixture.vacuum(trimming(new TrimTarget.ToStep(FORKED_AT)));
    assertThat(report.trim().orElseThrow().outcome()).isEqualTo(TrimResult.Outcome.HELD);
    assertThat(report.data().deletedObjects()).isEqualTo(3);
    forkStore = FolderStore.ofFork(fixture.memory, "y");
    assertThat(fork().state().firstReadable()).isEqualTo(3);
    assertForkIsSound();
  }

  @Test
  void aDeletedForkHoldsNothingBack() throws Exception {
    produceInFork(2);
    new Forks(fixture.other()).delete("x");
    assertThat(new Pins(fixture.other()).list().pins()).isEmpty();
    VacuumReport report = fixture.vacuum(trimming(new TrimTarget.KeepSteps(5)));
    assertThat(report.trim().orElseThrow().outcome()).isEqualTo(TrimResult.Outcome.TRIMMED);
    assertThat(report.firstReadable()).isEqualTo(PARENT_STEPS - 5);
    assertThat(fixture.data()).hasSize(5);
    fixture.assertSound();
  }

  @Test
  void aForksVacuumDeletesOnlyBelowItsOwnData() throws Exception {
    produceInFork(5);
    ProducerSession session = ProducerSession.open(fork(), "tok");
    BundleDescriptor orphan = upload(session);
    ProducerSession.open(fork(), "tok");
    Map<String, String> parent = parentContents();

    VacuumReport untrimmed = vacuumFork(VacuumOptions.defaults());
    assertThat(untrimmed.data().deletedObjects()).as("the orphan").isEqualTo(1);
    assertThat(forkStore.head(orphan.key())).isEmpty();
    assertThat(untrimmed.data().reachedObjects()).as("its own steps").isEqualTo(5);
    assertForkIsSound();

    VacuumReport trimmed = vacuumFork(trimming(new TrimTarget.ToStep(FORKED_AT + 2)));
    assertThat(trimmed.firstReadable()).isEqualTo(FORKED_AT + 2);
    assertThat(trimmed.data().deletedObjects()).isEqualTo(2);
    assertThat(fixture.memory.keys("forks/x/data")).hasSize(3);
    assertForkIsSound();
    assertThat(parentContents()).isEqualTo(parent);
  }

  /** Such a trim moves the fork's first step, and there is nothing of its own to delete. */
  @Test
  void aTrimOfInheritedStepsDeletesNothing() throws Exception {
    produceInFork(2);
    Map<String, String> parent = parentContents();
    VacuumReport report = vacuumFork(trimming(new TrimTarget.ToStep(3)));
    assertThat(report.firstReadable()).isEqualTo(3);
    assertThat(report.data().deletedObjects()).isZero();
    assertThat(fork().firstReadable()).isEqualTo(3);
    assertThat(parentContents()).isEqualTo(parent);
    assertForkIsSound();
  }

  /** Ages of inherited steps are those that the parent's log tells. */
  @Test
  void inheritedStepsHaveAnAge() throws Exception {
    fixture.pass(Duration.ofHours(2));
    produceInFork(2);
    TrimTarget old = new TrimTarget.OlderThan(Duration.ofHours(1));
    assertThat(old.step(fork(), fixture.time.instant())).isEqualTo(FORKED_AT);
    TrimTarget ancient = new TrimTarget.OlderThan(Duration.ofHours(3));
    assertThat(ancient.step(fork(), fixture.time.instant())).isZero();
  }

  /** A fork's pins hold its own trims back, and are no pins of its parent. */
  @Test
  void theForksOwnPinsAreItsOwn() throws Exception {
    produceInFork(4);
    new Pins(fork()).pin("run", "ckpt", FORKED_AT + 1, Optional.empty());
    assertThat(fixture.memory.keys("forks/x/pins")).hasSize(1);
    assertThat(new Pins(fixture.other()).list().pins())
        .extracting(Pin::job)
        .containsExactly("fork");
    VacuumReport report = vacuumFork(trimming(new TrimTarget.KeepSteps(0)));
    assertThat(report.firstReadable()).isEqualTo(FORKED_AT + 1);
    assertThat(fixture.memory.keys("forks/x/data")).hasSize(3);
  }

  /** Which steps a fork's snapshot indexes must not matter to what its vacuum takes for garbage. */
  @Test
  void aFoldedForkIsVacuumedAlike() throws Exception {
    produceInFork(3);
    fork().writeSnapshot();
    Map<String, String> parent = parentContents();
    VacuumReport report = vacuumFork(trimming(new TrimTarget.ToStep(FORKED_AT + 1)));
    assertThat(report.data().deletedObjects()).isEqualTo(1);
    assertThat(report.data().reachedObjects()).isEqualTo(2);
    assertForkIsSound();
    assertThat(parentContents()).isEqualTo(parent);
    assertThat(forkStore.head(ObjectKey.of("stream.json"))).isPresent();
  }
}
