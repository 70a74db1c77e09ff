// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.SegmentRef;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.Totals;
import dev.lakestream.snapshot.SegmentJson;
import dev.lakestream.snapshot.SnapshotWriter;
import dev.lakestream.testing.History;
import dev.lakestream.testing.RandomHistory;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.StreamFixture;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every readable step is found, wherever its record is (invariant 2). */
@Timeout(60)
class StepFinderTest extends StreamFixture {
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void findsTheGroupOfEveryStep(long seed) throws IOException {
    History history = History.begin(seed);
    RandomHistory random = new RandomHistory(history, new Random(seed));
    for (int i = 0; i < 150; i++) {
      random.step();
    }
    LakeStream folded = LakeStream.open(history.store(), history.environment());
    SnapshotWriter.Shape small = new SnapshotWriter.Shape(3, 9, 4000, 2, 2);
    history.snapshot(small, Optional.empty());
    LakeStream opened = LakeStream.open(history.store(), history.environment());
    assertThat(opened.entriesSinceSnapshot()).isZero();
    assertThat(opened.state()).isEqualTo(folded.state()).isEqualTo(history.state());
    assertThat(opened.producers()).isEqualTo(folded.producers());
    long next = history.state().nextStep();
    for (long step = next - 1; step >= history.state().firstReadable(); step--) {
      CommittedGroup group = folded.groupOf(step);
      assertThat(opened.groupOf(step)).isEqualTo(group);
      assertThat(group.contains(step)).isTrue();
      assertThat(group.sources(step).stream().mapToInt(CellSource::count).sum())
          .isEqualTo(group.slots());
      assertThat(folded.firstStepOf(group.version())).isLessThanOrEqualTo(step);
      if (step + 1 < next) {
        assertThat(group.before(step).plus(Totals.of(List.of(group.step(step)))))
            .isEqualTo(folded.groupOf(step + 1).before(step + 1));
      }
    }
    assertThatThrownBy(() -> opened.groupOf(next)).isInstanceOf(StepUnavailableException.class);
    assertThatThrownBy(() -> opened.groupOf(-1)).isInstanceOf(StepUnavailableException.class);
  }

  @Test
  void groupsOfCellsAreFound() throws Exception {
    History history = History.begin(3);
    history.open("a");
    var first = history.bundle("a", 2);
    var second = history.bundle("a", 1);
    StepGroup.CellGroup cells =
        new StepGroup.CellGroup(
            List.of(new CellRange(0, 5, 3, 1), new CellRange(1, 0, 8, 0)),
            Samples.step("gathered"));
    history.commit("a", new CommitContent.Inline(List.of(first, second), List.of(cells)));
    CommittedGroup group = LakeStream.open(history.store(), history.environment()).groupOf(0);
    assertThat(group.isWholeBundle()).isFalse();
    assertThat(group.slots()).isEqualTo(11);
    assertThat(group.pieces()).isEqualTo(1);
    assertThat(group.sources(0))
        .containsExactly(new CellSource(first, 5, 0, 3, 1), new CellSource(second, 0, 3, 8, 0));
  }

  @Test
  void aSegmentMustKeepTheRules() throws Exception {
    History history = History.begin(7);
    history.open("a");
    history.open("b");
    CommitContent.Inline foreign = Samples.whole(history.bundle("b", 2));
    byte[] content = SegmentJson.encodeContent(history.document().id(), foreign);
    UUID uuid = history.uuid();
    var key = StreamKeys.commitSegment("a", 1, uuid);
    history.store().putIfAbsent(key, content);
    history.commit(
        "a",
        new CommitContent.Segmented(
            List.of(new SegmentRef(key, content.length, Digest.of(content), foreign.totals()))));
    LakeStream reader = LakeStream.open(history.store(), history.environment());
    assertThatThrownBy(() -> reader.groupOf(0))
        .isInstanceOfSatisfying(
            CorruptObjectException.class,
            error -> assertThat(error.object()).isEqualTo(key.value()))
        .hasMessageContaining("is not a epoch 1");
  }
}
