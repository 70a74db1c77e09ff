// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Action;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.Marked;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.StreamFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What is committed can be read by all, whatever its size; what nobody could read is not written.
 */
@Timeout(60)
class CommitContentTest extends StreamFixture {
  @Test
  void aCommitTooBigForAnEntryGoesToSegmentsAndIsFoundAgain() throws Exception {
    LakeStream stream = create();
    ProducerSession session = ProducerSession.open(stream, "tok");
    CommitContent.Inline content = big(session, 4000, 4);
    CommitReceipt receipt = session.commit(Commit.of(content, "big"));
    assertThat(receipt).isEqualTo(new CommitReceipt(1, 0, 16_000));
    assertThat(memory.contents().get("log/00000000000000000001.json").length).isLessThan(4096);
    assertThat(memory.keys("data")).hasSizeGreaterThan(1).allMatch(key -> key.endsWith(".json"));
    LakeStream reader = open();
    for (long step : new long[] {0, 1, 3999, 4000, 8191, 15_999}) {
      assertThat(reader.groupOf(step).step(step).tags()).containsExactly("big-" + step);
      assertThat(reader.groupOf(step).before(step).steps()).isEqualTo(step);
      assertThat(reader.groupOf(step).before(step).rows()).isEqualTo(16 * step);
    }
    session.commit(Marked.commit(session, "next"));
    reader.refresh();
    assertThat(reader.groupOf(16_000).firstStep()).isEqualTo(16_000);
  }

  /** Whether the bundles are named in the entry or in its segments. */
  @Test
  void anEntryWithParquetBundlesSaysSoToThoseWhoDoNotKnowThem() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    session.commit(Commit.of(big(session, 1, 1, BundleFormat.PARQUET), "small"));
    session.commit(Commit.of(big(session, 1000, 1, BundleFormat.PARQUET), "large"));
    session.commit(Commit.of(big(session, 1, 1), "arrow"));
    assertThat(requires(1)).containsExactly("parquet");
    assertThat(requires(2)).containsExactly("parquet");
    assertThat(requires(3)).isEmpty();
    LakeStream reader = open();
    assertThat(reader.groupOf(1000).sources(1000).get(0).bundle().format())
        .isEqualTo(BundleFormat.PARQUET);
  }

  private List<String> requires(long version) {
    String key = StreamKeys.entry(version).value();
    return EntryJson.decode(key, version, memory.contents().get(key)).requires();
  }

  private static CommitContent.Inline big(ProducerSession session, int bundles, int steps) {
    return big(session, bundles, steps, BundleFormat.ARROW);
  }

  /** So many bundles of so many steps each. */
  private static CommitContent.Inline big(
      ProducerSession session, int bundles, int steps, BundleFormat format) {
    List<BundleDescriptor> descriptors = new ArrayList<>();
    List<StepGroup> groups = new ArrayList<>();
    for (int b = 0; b < bundles; b++) {
      descriptors.add(Samples.bundle(session.newBundleKey(format), steps, 8, 1));
      List<StepRecord> records = new ArrayList<>();
      for (int k = 0; k < steps; k++) {
        records.add(Marked.step("big-" + (b * steps + k)));
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
      session.commit(Marked.commit(session, "m" + i));
      store.plan(Operation.PUT_IF_ABSENT, "snapshots/", Fault.REFUSED);
      store.plan(Operation.PUT_IF_ABSENT, "segments/", Fault.LOST_RESPONSE);
    }
    store.clearPlans();
    assertThat(Marked.in(store, time.environment())).hasSize(1270);
  }

  @Test
  void segmentsThatAreUnknownAreTriedAgain() throws Exception {
    ProducerSession session = ProducerSession.open(create(), "tok");
    store.plan(Operation.PUT_IF_ABSENT, "data/", Fault.LOST_RESPONSE);
    store.plan(Operation.PUT_IF_ABSENT, "data/", Fault.LOST_REQUEST);
    session.commit(Commit.of(big(session, 1000, 1), "big"));
    assertThat(open().groupOf(999).step(999).tags()).containsExactly("big-999");
    store.plan(Operation.PUT_IF_ABSENT, "data/", Fault.REFUSED);
    assertThatThrownBy(() -> session.commit(Commit.of(big(session, 1000, 1), "big")))
        .isInstanceOf(IOException.class);
    session.commit(Marked.commit(session, "goes on"));
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
    bad.add(withLast(good, new StepGroup.BundleGroup(1000, List.of(Marked.step("x")))));
    bad.add(withLast(good, new StepGroup.BundleGroup(-1, List.of(Marked.step("x")))));
    bad.add(withLast(good, new StepGroup.BundleGroup(999, List.of())));
    bad.add(withLast(good, new StepGroup.CellGroup(List.of(), Marked.step("x"))));
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
    session.commit(Marked.commit(session, "good"));
    assertThat(Marked.in(store, time.environment())).containsExactly("good");
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
    session.commit(Marked.commit(session, "a"));
    new StreamControl(stream).commit(new Action.Seal());
    assertThatThrownBy(() -> session.commit(Marked.commit(session, "b")))
        .isInstanceOf(CommitRejectedException.class)
        .hasMessageContaining("sealed");
  }
}
