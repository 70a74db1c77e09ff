// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StreamExistsException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.MemoryStore;
import dev.lakestream.testing.Samples;
import dev.lakestream.testing.StreamFixture;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What creating and opening a stream promise, and what they cost. */
@Timeout(60)
class StreamOpeningTest extends StreamFixture {
  @Test
  void createsOnce() throws IOException {
    LakeStream created = create();
    assertThat(created.state().nextStep()).isZero();
    assertThat(created.state().version()).isEqualTo(-1);
    assertThat(open().id()).isEqualTo(created.id());
    assertThatThrownBy(this::create)
        .isInstanceOf(StreamExistsException.class)
        .hasMessageContaining("2026-01-01");
    assertThat(memory.contents()).containsOnlyKeys("stream.json");
  }

  @Test
  void creationOfUnknownOutcomeIsResolved() throws IOException {
    store.plan(Operation.PUT_IF_ABSENT, "stream.json", Fault.LOST_RESPONSE);
    assertThat(create().state().version()).isEqualTo(-1);
  }

  @Test
  void saysThatThereIsNoStream() {
    assertThatThrownBy(this::open)
        .isInstanceOf(StreamNotFoundException.class)
        .hasMessageContaining(memory.root().toString())
        .hasMessageContaining("lakestream create");
  }

  /** What is created can be opened: the deepest types that the format allows. */
  @Test
  void createsWhatItCanOpen() throws IOException {
    ColumnType type = ColumnType.Simple.INT32;
    for (int depth = 1; depth < 16; depth++) {
      type = new ColumnType.Struct(List.of(Field.nullable("f" + depth, type)));
    }
    Field deepest = Field.nullable("deep", type);
    LakeStream.create(store, StreamDefinition.of(List.of(deepest), 1), time.environment());
    assertThat(open().state().schema().fields()).containsExactly(deepest);
    Field tooDeep = Field.nullable("deeper", new ColumnType.Struct(List.of(deepest)));
    List<StreamDefinition> refused =
        List.of(
            StreamDefinition.of(List.of(tooDeep), 1),
            StreamDefinition.of(List.of(), 1),
            StreamDefinition.of(List.of(Samples.TOKENS), 0),
            StreamDefinition.of(List.of(Samples.TOKENS), 65_537),
            StreamDefinition.of(List.of(Field.required("_x", ColumnType.Simple.INT8)), 1),
            StreamDefinition.of(List.of(Field.required("\ud800", ColumnType.Simple.INT8)), 1),
            StreamDefinition.of(
                List.of(
                    Field.required(
                        "t",
                        new ColumnType.Timestamp(ColumnType.Unit.S, Optional.of("z".repeat(100))))),
                1));
    for (StreamDefinition definition : refused) {
      MemoryStore fresh = new MemoryStore();
      assertThatThrownBy(() -> LakeStream.create(fresh, definition, time.environment()))
          .isInstanceOf(InvalidRequestException.class);
      assertThat(fresh.contents()).isEmpty();
    }
  }

  @Test
  void theNumberOfOperations() throws Exception {
    LakeStream writer = create();
    assertThat(store.takeCounts())
        .isEqualTo(
            Map.of(
                "PUT_IF_ABSENT stream.json", 1,
                "GET stream.json", 1,
                "GET hint.json", 1,
                "LIST horizon", 2,
                "LIST snapshots", 1,
                "GET log", 1));
    ProducerSession session = ProducerSession.open(writer, "a");
    for (int i = 0; i < 10; i++) {
      commit(session, 2);
    }
    writer.writeSnapshot();
    commit(session, 2);
    store.takeCounts();
    LakeStream reader = open();
    assertThat(store.takeCounts())
        .isEqualTo(
            Map.of(
                "GET stream.json", 1,
                "GET hint.json", 1,
                "LIST horizon", 2,
                "HEAD log", 1,
                "GET snapshots", 1,
                "GET segments", 1,
                "GET log", 2));
    reader.refresh();
    assertThat(store.takeCounts()).isEqualTo(Map.of("GET log", 1, "LIST horizon", 1));
    for (long step = 0; step < 22; step++) {
      reader.groupOf(step);
    }
    assertThat(store.takeCounts()).isEqualTo(Map.of("GET segments", 1));
    writer.writeSnapshot();
    assertThat(store.takeCounts())
        .isEqualTo(
            Map.of(
                "GET segments", 2,
                "PUT_IF_ABSENT segments", 2,
                "LIST horizon", 1,
                "PUT_IF_ABSENT snapshots", 1,
                "PUT hint.json", 1));
  }
}
