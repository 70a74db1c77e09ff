// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.CommitContent;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.FaultyStore;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.MemoryStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.VirtualTime;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Invariant 9, in requests and bytes: what a commit with its share of folding, an opening and a
 * find cost after 10² and after 2·10⁴ steps, and after more than a thousand producers and keys.
 */
@Timeout(120)
class HistoryCostTest {
  private static final int STEPS = 40;
  private static final int FOLD_EVERY = 128;

  /** More than a snapshot keeps at hand. */
  private static final int GUESTS = 1500;

  private final VirtualTime time = new VirtualTime(4);
  private final Environment environment = new Environment(time, time::uuid, time::pass, work -> {});

  /** What keeps the objects; a subclass runs the same tests on another store. */
  protected Backing backing() {
    return Backing.memory();
  }

  /** A stream that folds when the test says so. */
  private final class Subject {
    private final InspectedStore objects;
    private final FaultyStore store;
    private final LakeStream stream;
    private Optional<ProducerSession> session = Optional.empty();

    /** Without history, in memory. */
    Subject() throws IOException {
      this.objects = new MemoryStore(time);
      this.store = new FaultyStore(objects);
      this.stream = LakeStream.create(store, Samples.definition(), environment);
    }

    /** Over the objects of another one. */
    private Subject(InspectedStore objects) throws IOException {
      this.objects = objects;
      this.store = new FaultyStore(objects);
      this.stream = LakeStream.open(store, environment);
    }

    /** To where costs are counted; a history grows faster in memory. */
    Subject moved() throws IOException {
      InspectedStore moved = backing().empty(time);
      for (Map.Entry<String, byte[]> object : objects.contents().entrySet()) {
        moved.put(ObjectKey.of(object.getKey()), object.getValue());
      }
      return new Subject(moved);
    }

    void commit() throws Exception {
      if (session.isEmpty()) {
        session = Optional.of(ProducerSession.open(stream, "busy"));
      }
      ProducerSession busy = session.get();
      busy.commit(Commit.of(Samples.whole(Samples.bundle(busy.newBundleKey(), STEPS, 8, 1)), "s"));
    }

    void grow(int steps) throws Exception {
      while (stream.state().nextStep() < steps) {
        commit();
        foldNowAndThen();
      }
      stream.writeSnapshot();
    }

    void comeAndGo(int producers) throws Exception {
      for (int i = 0; i < producers; i++) {
        // Spread over the alphabet, as random names are.
        String name = String.format(Locale.ROOT, "%08x", i * 0x9E3779B1);
        ProducerSession guest = ProducerSession.open(stream, name);
        guest.commit(
            new Commit(
                new CommitContent.Inline(List.of(), List.of()),
                Optional.of("the end"),
                List.of(),
                Optional.of("key of " + name),
                List.of()));
        foldNowAndThen();
      }
    }

    private void foldNowAndThen() throws IOException {
      if (stream.entriesSinceSnapshot() >= FOLD_EVERY) {
        stream.writeSnapshot();
      }
    }

    /** Requests and bytes of so many commits and the fold of them. */
    Cost commitsAndFold() throws Exception {
      stream.writeSnapshot();
      store.takeCounts();
      long before = bytes();
      for (int i = 0; i < FOLD_EVERY; i++) {
        commit();
      }
      stream.writeSnapshot();
      return new Cost(requests(), bytes() - before);
    }

    Cost opening() throws IOException {
      store.takeCounts();
      LakeStream.open(store, environment);
      int requests = requests();
      List<ObjectInfo> roots = objects.list(StreamKeys.SNAPSHOTS, Optional.empty());
      return new Cost(requests, roots.get(roots.size() - 1).size());
    }

    /** The costliest of some finds, each in a stream that was just opened. */
    int requestsOfAFind() throws IOException {
      int most = 0;
      long folded = stream.state().nextStep();
      for (long step = 0; step < folded; step += folded / 10) {
        LakeStream opened = LakeStream.open(store, environment);
        store.takeCounts();
        assertThat(opened.groupOf(step).contains(step)).isTrue();
        most = Math.max(most, requests());
      }
      return most;
    }

    int requestsOfASession(String producer) throws Exception {
      LakeStream opened = LakeStream.open(store, environment);
      store.takeCounts();
      ProducerSession.open(opened, producer);
      stream.refresh();
      return requests();
    }

    private int requests() {
      return store.takeCounts().values().stream().mapToInt(Integer::intValue).sum();
    }

    private long bytes() throws IOException {
      long bytes = 0;
      for (ObjectKey folder : List.of(StreamKeys.LOG, StreamKeys.SNAPSHOTS, StreamKeys.SEGMENTS)) {
        bytes += objects.list(folder, Optional.empty()).stream().mapToLong(ObjectInfo::size).sum();
      }
      return bytes;
    }
  }

  private record Cost(int requests, long bytes) {}

  private Subject grown(int guests, int steps) throws Exception {
    Subject subject = new Subject();
    subject.comeAndGo(guests);
    subject.grow(steps);
    return subject.moved();
  }

  @Test
  void aLongHistoryCostsNothing() throws Exception {
    Subject small = grown(0, 100);
    Subject large = grown(0, 20_000);
    Cost few = small.opening();
    Cost many = large.opening();
    assertThat(many.requests()).isEqualTo(few.requests()).isEqualTo(7);
    assertThat(many.bytes()).isLessThan(10_000);
    assertThat(small.requestsOfAFind()).isEqualTo(1);
    assertThat(large.requestsOfAFind()).isEqualTo(1);
    few = small.commitsAndFold();
    many = large.commitsAndFold();
    assertThat(many.requests()).isBetween(few.requests(), few.requests() + 2);
    assertThat((double) many.requests() / FOLD_EVERY).isLessThan(4.2);
    assertThat((double) many.bytes() / few.bytes()).isBetween(0.9, 1.05);
  }

  @Test
  void producersThatCameAndWentCostNothing() throws Exception {
    Subject without = grown(0, 100);
    Subject with = grown(GUESTS, 100);
    assertThat(with.opening().requests()).isEqualTo(without.opening().requests());
    assertThat(with.opening().bytes()).isLessThan(30_000);
    Cost few = without.commitsAndFold();
    Cost many = with.commitsAndFold();
    // A leaf of recent producers instead of one producer.
    assertThat(many.requests()).isBetween(few.requests(), few.requests() + 2);
    assertThat((double) many.bytes() / few.bytes()).isBetween(0.9, 1.1);
    // Found among the recent ones, or in the tree of all others: a node and a leaf at most.
    assertThat(with.requestsOfASession("stranger"))
        .isLessThanOrEqualTo(without.requestsOfASession("stranger") + 3);
    assertThat(with.stream.producers()).hasSize(GUESTS + 2);
    assertThat(with.stream.recentProducers().size()).isBetween(1024, 1024 * 5 / 4 + 1);
  }

  /** The snapshots that committers write are found by their hint, however many there are. */
  @Test
  void formerRootsAreNotListed() throws Exception {
    Subject subject = new Subject();
    for (int i = 0; i < 10; i++) {
      subject.commit();
      subject.stream.writeSnapshot();
    }
    assertThat(subject.objects.keys("snapshots")).hasSize(10);
    Subject moved = subject.moved();
    // A listing of all roots would meet this one, and nothing else does.
    ObjectKey former = StreamKeys.snapshot(1);
    moved.objects.damage(former.value(), new byte[1]);
    moved.store.takeCounts();
    LakeStream.open(moved.store, environment);
    Map<String, Integer> counts = moved.store.takeCounts();
    assertThat(counts).doesNotContainKey("LIST snapshots").containsEntry("GET snapshots", 1);
  }
}
