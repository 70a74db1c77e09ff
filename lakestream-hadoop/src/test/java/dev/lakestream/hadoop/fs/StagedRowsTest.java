// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.testing.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Staged files are somebody else's: what fits is taken as it is, all else is refused. */
class StagedRowsTest {
  @TempDir Path unused;
  private StreamOnDisk stream;

  @BeforeEach
  void begin() throws Exception {
    stream = new StreamOnDisk(unused, new MemoryStore(), 2, 1);
  }

  @Test
  void filesAndStreamsAreTakenAlike() throws IOException {
    try (VectorSchemaRoot rows = stream.rows(3, 0)) {
      assertThat(read(ArrowFiles.file(rows))).isEqualTo(StreamOnDisk.expected(3, 0));
      assertThat(read(ArrowFiles.stream(rows))).isEqualTo(StreamOnDisk.expected(3, 0));
    }
  }

  @Test
  void batchesAreJoined() throws IOException {
    List<List<Object>> expected = new ArrayList<>(StreamOnDisk.expected(3, 0));
    expected.addAll(StreamOnDisk.expected(2, 0));
    expected.addAll(StreamOnDisk.expected(1, 0));
    try (VectorSchemaRoot first = stream.rows(3, 0);
        VectorSchemaRoot second = stream.rows(2, 0);
        VectorSchemaRoot third = stream.rows(1, 0)) {
      assertThat(read(ArrowFiles.file(first, second, third))).isEqualTo(expected);
    }
  }

  @Test
  void aFileWithoutRowsIsAnEmptySlot() throws IOException {
    try (VectorSchemaRoot none = stream.vectors(List.of())) {
      assertThat(read(ArrowFiles.file(none))).isEmpty();
      assertThat(read(ArrowFiles.stream(none))).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTruncatedFileIsRefused(boolean footer) throws IOException {
    byte[] whole;
    try (VectorSchemaRoot rows = stream.rows(3, 0)) {
      whole = footer ? ArrowFiles.file(rows) : ArrowFiles.stream(rows);
    }
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(part))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("staging/x/slot-0000.arrow");
    }
  }

  /** Values may change unseen, as Arrow has no checksums; nothing else may happen. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whateverIsFlippedIsReadOrRefused(boolean footer) throws IOException {
    byte[] whole;
    try (VectorSchemaRoot rows = stream.rows(3, 0)) {
      whole = footer ? ArrowFiles.file(rows) : ArrowFiles.stream(rows);
    }
    Random random = new Random(1);
    int refused = 0;
    for (int round = 0; round < 4000; round++) {
      byte[] flipped = whole.clone();
      for (int flips = 0; flips <= random.nextInt(3); flips++) {
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        read(flipped);
      } catch (InvalidRequestException e) {
        assertThat(e).hasMessageContaining("staging/x/slot-0000.arrow");
        refused++;
      }
    }
    assertThat(refused).isBetween(400, 3900);
  }

  @Test
  void otherColumnsAreRefused() throws IOException {
    try (BufferAllocator allocator = new RootAllocator();
        IntVector other = new IntVector("other", allocator)) {
      other.setValueCount(1);
      try (VectorSchemaRoot rows = VectorSchemaRoot.of((FieldVector) other)) {
        byte[] file = ArrowFiles.file(rows);
        assertThatThrownBy(() -> read(file))
            .isInstanceOf(InvalidRequestException.class)
            .hasMessageContaining("it has 1 columns, 2 are wanted");
      }
    }
  }

  @Test
  void aStageHasEachSlotOnce() throws IOException {
    assertRefused("lacks 2 of 2 slots: 0, 1", "_SUCCESS", ".crc");
    assertRefused("lacks 1 of 2 slots: 1", "slot-0000.arrow");
    assertRefused("two files of slot 0", "slot-0000.arrow", "slot-0.arrow", "slot-0001.arrow");
    assertRefused("one too many", "slot-0000.arrow", "slot-0001.arrow", "slot-0002.arrow");
    assertRefused("no file of a whole slot", "slot-0000.arrow", "slot-0001.parquet");
    assertRefused("no file of a whole slot", "slot-0000-piece-00.arrow");
    assertRefused("no file of a whole slot", "more/slot-0000.arrow");
    MemoryStore store = staged("slot-0000.arrow", "slot-00001.arrow", "_temporary/0/x", ".hidden");
    assertThat(Stage.list(store, "job", 2).slots()).isEqualTo(2);
  }

  @Test
  void anyNameIsAKeyOfItsOwn() {
    List<String> names =
        List.of("a", "A", "a b", "a=20b", ".a", "..", "ä", "=directory", "=committed", "a/b", "é=");
    List<String> keys = new ArrayList<>();
    for (String name : names) {
      ObjectKey key = StageKeys.key(List.of("job", name));
      assertThat(key.value()).startsWith("staging/job/").doesNotContain("/.");
      assertThat(StageKeys.decode(key.name())).isEqualTo(name);
      assertThat(StageKeys.isMark(key.name())).isFalse();
      keys.add(key.value());
    }
    assertThat(keys).doesNotHaveDuplicates();
    assertThatThrownBy(() -> StageKeys.key(List.of("..", "x")))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> StageKeys.key(List.of("job", "ä".repeat(200))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("too long");
  }

  private static void assertRefused(String why, String... files) throws IOException {
    MemoryStore store = staged(files);
    assertThatThrownBy(() -> Stage.list(store, "job", 2))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("staging/job is no step")
        .hasMessageContaining(why);
  }

  private static MemoryStore staged(String... files) {
    MemoryStore store = new MemoryStore();
    for (String file : files) {
      List<String> names = new ArrayList<>(List.of("job"));
      names.addAll(List.of(file.split("/")));
      store.put(StageKeys.key(names), file.getBytes(StandardCharsets.UTF_8));
    }
    return store;
  }

  private static List<List<Object>> read(byte[] file) throws IOException {
    List<List<Object>> found = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        StagedRows reader = new StagedRows(StreamOnDisk.SCHEMA, allocator)) {
      reader.read(
          "staging/x/slot-0000.arrow",
          ByteBuffer.wrap(file),
          rows -> found.addAll(ArrowFiles.rows(ArrowFiles.file(rows), allocator)));
    }
    return found;
  }
}
