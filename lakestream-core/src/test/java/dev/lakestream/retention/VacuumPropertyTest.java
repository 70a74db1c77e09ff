// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.Verdict;
import dev.lakestream.snapshot.SnapshotRoot;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.History;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.RandomHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random histories with everything in them: what is needed stays, all else goes. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // the seeds are the backing's
class VacuumPropertyTest extends RetentionScenario {
  private static final SnapshotWriter.Shape SMALL = new SnapshotWriter.Shape(3, 9, 4000, 2, 2);

  /** Fewer where each costs thousands of requests. */
  LongStream seeds() {
    return LongStream.rangeClosed(1, 1 + 11 / backing().stride());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void keepsWhatIsNeededAndNothingElse(long seed) throws Exception {
    Random random = new Random(seed);
    History history = History.begin(seed, backing());
    Set<ObjectKey> uploaded = write(history, random);
    InspectedStore store = history.store();
    LakeStream before = LakeStream.open(store, history.environment());
    List<CommittedGroup> truth = new ArrayList<>();
    for (long step = 0; step < before.state().nextStep(); step++) {
      truth.add(step < before.state().firstReadable() ? null : before.groupOf(step));
    }
    for (int round = 0; round < 4; round++) {
      LakeStream stream = LakeStream.open(store, history.environment());
      long span = stream.state().nextStep() - stream.state().firstReadable();
      long target = stream.state().firstReadable() + (span > 0 ? random.nextLong(span) / 2 : 0);
      VacuumReport report =
          new Vacuum(
                  stream,
                  new VacuumOptions(
                      Optional.of(new TrimTarget.ToStep(target)),
                      Duration.ofSeconds(1),
                      Duration.ofSeconds(2),
                      Duration.ofSeconds(2),
                      false))
              .run();
      check(store, history, truth, uploaded, report);
      history.environment().pause().forAbout(Duration.ofSeconds(3));
    }
    assertThat(store.keys("log").size()).isLessThan(history.entries().size());
    assertThat(store.keys("snapshots").size()).isBetween(2, 4);
  }

  private static Set<ObjectKey> write(History history, Random random) throws Exception {
    RandomHistory appending = new RandomHistory(history, random);
    Optional<SnapshotRoot> base = Optional.empty();
    for (int i = 0; i < 200; i++) {
      appending.step();
      if (i % 25 == 24 && history.state().version() >= 0) {
        base =
            Optional.of(history.snapshot(SMALL, random.nextInt(4) == 0 ? Optional.empty() : base));
      }
    }
    Set<ObjectKey> uploaded = new HashSet<>();
    for (Verdict verdict : history.verdicts()) {
      if (verdict.entry().content() instanceof CommitContent.Inline inline) {
        inline.bundles().stream().map(BundleDescriptor::key).forEach(uploaded::add);
      }
      verdict.entry().attachments().stream()
          .map(attachment -> attachment.bundle().key())
          .forEach(uploaded::add);
    }
    for (String producer : RandomHistory.PRODUCERS) {
      for (long epoch = 1; epoch < 3; epoch++) {
        uploaded.add(StreamKeys.bundle(producer, epoch, history.uuid()));
      }
    }
    uploaded.forEach(key -> history.store().putIfAbsent(key, new byte[10]));
    return uploaded;
  }

  private static void check(
      InspectedStore store,
      History history,
      List<CommittedGroup> truth,
      Set<ObjectKey> uploaded,
      VacuumReport report)
      throws Exception {
    LakeStream after = LakeStream.open(store, history.environment());
    assertThat(after.state().nextStep()).isEqualTo(truth.size());
    Set<ObjectKey> needed = new HashSet<>();
    for (long step = after.state().firstReadable(); step < truth.size(); step++) {
      CommittedGroup group = after.groupOf(step);
      assertThat(group).isEqualTo(truth.get((int) step));
      group.bundles().stream().map(BundleDescriptor::key).forEach(needed::add);
    }
    for (ProducerState producer : after.producers()) {
      producer.attachments().stream()
          .map(Attachment::bundle)
          .map(BundleDescriptor::key)
          .forEach(needed::add);
    }
    for (ObjectKey key : needed) {
      assertThat(store.head(key)).as("%s is needed", key).isPresent();
    }
    for (ObjectKey key : uploaded) {
      StreamKeys.Owner owner = StreamKeys.uploader(key).orElseThrow();
      if (!needed.contains(key)
          && LostProducers.isFenced(after.producer(owner.producer()), owner.epoch())) {
        assertThat(store.head(key)).as("%s is garbage", key).isEmpty();
      }
    }
    assertThat(report.data().reachedObjects() + report.data().attachedObjects())
        .isEqualTo(needed.size());
  }
}
