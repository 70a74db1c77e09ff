// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.StreamState;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.testing.StreamFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stream goes on from what is left when a part of its history is damaged or removed. */
@Timeout(60)
class LostHistoryTest extends StreamFixture {
  /** The snapshot that a sleeper went on from is gone with its segments; a newer one is there. */
  @Test
  void whoSleptWhileItsSnapshotWasRemovedGoesOnFromANewerOne() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    writer.writeSnapshot();
    LakeStream reading = open();
    LakeStream following = open();
    LakeStream folding = open();
    commit(session, 2);
    folding.refresh();
    List<String> old = memory.keys("segments");
    writer.refresh();
    writer.writeSnapshot();
    removeBelow(writer.state().version());
    old.forEach(key -> memory.delete(ObjectKey.of(key)));
    memory.delete(StreamKeys.snapshot(1));
    assertThat(reading.groupOf(1).contains(1)).isTrue();
    assertThat(following.refresh()).isEqualTo(writer.state());
    folding.writeSnapshot();
    assertThat(folding.state()).isEqualTo(writer.state());
  }

  @Test
  void aReaderThatSleptAcrossTheHorizonGoesOnFromASnapshot() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    LakeStream sleeper = open();
    for (int i = 0; i < 20; i++) {
      commit(session, 2);
    }
    writer.writeSnapshot();
    removeBelow(writer.state().version());
    // A stalled writer has put an entry into the past: it must not be taken for the log.
    memory.putIfAbsent(StreamKeys.entry(2), new byte[] {1, 2, 3});
    assertThat(sleeper.refresh()).isEqualTo(writer.state());
    assertThat(sleeper.groupOf(0).firstStep()).isZero();
    commit(session, 2);
    assertThat(sleeper.refresh()).isEqualTo(writer.state());
  }

  @Test
  void withoutAReadableSnapshotTheHorizonIsAnError() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    LakeStream sleeper = open();
    StreamState seen = sleeper.state();
    commit(session, 2);
    commit(session, 2);
    removeBelow(3);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("snapshots")
        .hasMessageContaining("below version 3 were removed");
    assertThatThrownBy(sleeper::refresh).isInstanceOf(CorruptObjectException.class);
    // What it knew stays as it was.
    assertThat(sleeper.state()).isEqualTo(seen);
    assertThat(sleeper.groupOf(1).nextStep()).isEqualTo(2);
    assertThat(sleeper.entriesSinceSnapshot()).isEqualTo(2);
  }

  @Test
  void aBrokenSnapshotIsPassedOver() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    writer.writeSnapshot();
    commit(session, 2);
    writer.writeSnapshot();
    commit(session, 2);
    byte[] newest = memory.contents().get(StreamKeys.snapshot(2).value());
    byte[][] broken = {
      {},
      Arrays.copyOf(newest, newest.length - 1),
      new byte[100],
      "{}\n".getBytes(StandardCharsets.UTF_8)
    };
    for (byte[] content : broken) {
      memory.damage(StreamKeys.snapshot(2).value(), content);
      LakeStream reader = open();
      assertThat(reader.state()).isEqualTo(writer.state());
      assertThat(reader.entriesSinceSnapshot()).isEqualTo(2);
      assertThat(reader.groupOf(5).firstStep()).isEqualTo(4);
      assertThat(reader.groupOf(0).firstStep()).isZero();
    }
  }

  @Test
  void aLostSegmentIsNamedIfNothingElseStandsForIt() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    writer.writeSnapshot();
    removeBelow(1);
    List<String> segments = memory.keys("segments");
    segments.forEach(key -> memory.damage(key, new byte[10]));
    LakeStream reader = open();
    assertThatThrownBy(() -> reader.groupOf(0))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("segments/");
    segments.forEach(key -> memory.delete(ObjectKey.of(key)));
    assertThatThrownBy(() -> reader.producer("a"))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("does not exist");
  }

  /** A folder that slept puts its root when what it names is gone: as if it had put none. */
  @Test
  void aRootThatNamesLostSegmentsIsPassedOver() throws Exception {
    LakeStream writer = create();
    ProducerSession session = ProducerSession.open(writer, "a");
    commit(session, 2);
    writer.writeSnapshot();
    removeBelow(1);
    Set<String> kept = Set.copyOf(memory.keys("segments"));
    commit(session, 2);
    writer.writeSnapshot();
    memory.keys("segments").stream()
        .filter(key -> !kept.contains(key))
        .forEach(key -> memory.delete(ObjectKey.of(key)));
    LakeStream reader = open();
    assertThat(reader.entriesSinceSnapshot()).isZero();
    assertThat(reader.groupOf(0)).isEqualTo(writer.groupOf(0));
    assertThat(reader.entriesSinceSnapshot()).isEqualTo(1);
    assertThat(reader.state()).isEqualTo(writer.state());
    assertThat(open().producer("a")).isEqualTo(reader.producer("a"));
    // Whoever commits by such a root commits all the same.
    ProducerSession next = ProducerSession.open(open(), "a");
    commit(next, 2);
    assertThat(open().groupOf(5).producer()).isEqualTo(new ProducerStamp("a", 2, 1));
    open().writeSnapshot();
    assertThat(open().groupOf(5)).isEqualTo(next(reader).groupOf(5));
  }

  private static LakeStream next(LakeStream stream) throws IOException {
    stream.refresh();
    return stream;
  }
}
