// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.arrow.PackedRows;
import dev.lakestream.arrow.Schemas;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.reader.Topology;
import dev.lakestream.reader.Topology.Split;
import dev.lakestream.schema.StreamSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceCutterTest {
  private static final int LENGTH = 64;
  private static final CutErrors INPUT = CutErrors.ofInput("here");

  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void nothingLeaks() {
    allocator.close();
  }

  /** All ways to store × all ways to read: equal to lists that are cut by hand. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void whateverIsStoredEveryRankGetsItsChunks(int pieces) {
    for (long seed = 0; seed < 8; seed++) {
      List<List<Integer>> bounds = documents(new Random(seed), 5);
      for (boolean storedPerDocument : new boolean[] {false, true}) {
        StreamSchema schema = Schemas.packed(LENGTH, storedPerDocument);
        try (VectorSchemaRoot rows = PackedRows.rows(allocator, schema, bounds, 1)) {
          List<VectorSchemaRoot> stored = store(schema, rows, pieces);
          for (Topology topology : topologies()) {
            check(schema, rows, stored, topology, bounds);
          }
          stored.forEach(VectorSchemaRoot::close);
        }
      }
    }
  }

  private void check(
      StreamSchema schema,
      VectorSchemaRoot rows,
      List<VectorSchemaRoot> stored,
      Topology topology,
      List<List<Integer>> bounds) {
    SequenceCut cut = SequenceCut.of(topology, Optional.empty());
    SequenceCutter cutter = new SequenceCutter(schema, stored.size(), cut, allocator);
    List<VectorSchemaRoot> needed = cutter.piecesNeeded().stream().map(stored::get).toList();
    Map<String, FieldVector> result = read(cutter, needed);
    for (String name : schema.sequence()) {
      for (int row = 0; row < rows.getRowCount(); row++) {
        List<?> original = (List<?>) rows.getVector(name).getObject(row);
        List<Integer> documents =
            cut.boundaries().isPresent() ? bounds.get(row) : List.of(0, LENGTH);
        assertThat((List<?>) result.get(name).getObject(row))
            .as("%s of row %d, %s, %d pieces", name, row, topology, stored.size())
            .isEqualTo(byHand(original, documents, cut));
      }
    }
    if (!cutter.isIdentity()) {
      result.values().forEach(FieldVector::close);
    }
  }

  private static List<Object> byHand(List<?> values, List<Integer> documents, SequenceCut cut) {
    List<Object> result = new ArrayList<>();
    for (int document = 0; document + 1 < documents.size(); document++) {
      int start = documents.get(document);
      int chunk = (documents.get(document + 1) - start) / cut.parts();
      for (int number : cut.chunks()) {
        result.addAll(values.subList(start + number * chunk, start + (number + 1) * chunk));
      }
    }
    return result;
  }

  private static Map<String, FieldVector> read(
      SequenceCutter cutter, List<VectorSchemaRoot> needed) {
    if (cutter.isIdentity()) {
      return Map.of(
          "tokens", needed.get(0).getVector("tokens"),
          "positions", needed.get(0).getVector("positions"));
    }
    return cutter.cut(needed, CutErrors.ofObject("key"));
  }

  private List<VectorSchemaRoot> store(StreamSchema schema, VectorSchemaRoot rows, int pieces) {
    return IntStream.range(0, pieces)
        .mapToObj(piece -> SequenceCut.piece(piece, pieces, schema.boundaries()))
        .map(cut -> new SequenceCutter(schema, 1, cut, allocator))
        .map(
            cutter ->
                cutter.isIdentity()
                    ? copy(rows, Map.of())
                    : copy(rows, cutter.cut(List.of(rows), INPUT)))
        .toList();
  }

  private VectorSchemaRoot copy(VectorSchemaRoot rows, Map<String, FieldVector> replaced) {
    List<FieldVector> columns = new ArrayList<>();
    for (FieldVector vector : rows.getFieldVectors()) {
      FieldVector column = replaced.get(vector.getName());
      if (column == null) {
        var pair = vector.getTransferPair(allocator);
        pair.splitAndTransfer(0, rows.getRowCount());
        column = (FieldVector) pair.getTo();
      }
      columns.add(column);
    }
    return new VectorSchemaRoot(
        columns.stream().map(FieldVector::getField).toList(), columns, rows.getRowCount());
  }

  private static List<Topology> topologies() {
    List<Topology> all = new ArrayList<>();
    for (int size : new int[] {1, 2, 4}) {
      for (int rank = 0; rank < size; rank++) {
        for (Split split : Split.values()) {
          Topology topology = Topology.whole().withContextParallel(rank, size, split);
          all.add(topology);
          all.add(topology.perDocument("documents"));
        }
      }
    }
    return all;
  }

  /** Rows of documents whose lengths are multiples of 8, some of them empty. */
  private static List<List<Integer>> documents(Random random, int rows) {
    List<List<Integer>> all = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<Integer> bounds = new ArrayList<>(List.of(0));
      int position = 0;
      while (position < LENGTH) {
        position = Math.min(LENGTH, position + 8 * random.nextInt(4));
        bounds.add(position);
      }
      all.add(bounds);
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, CONTIGUOUS, true, 0",
    "4, 4, CONTIGUOUS, true, 2",
    "4, 2, CONTIGUOUS, false, 2 3",
    "8, 4, ZIGZAG, false, 1 6",
    "4, 1, CONTIGUOUS, false, 0 1 2 3",
    "2, 4, CONTIGUOUS, false, 0 1",
    "1, 2, ZIGZAG, false, 0"
  })
  void onlyThePiecesInsideOfTheChunksAreNeeded(
      int pieces, int size, Split split, boolean identity, String needed) {
    int rank = Math.min(size - 1, size == 4 && split == Split.CONTIGUOUS ? 2 : 1);
    Topology topology = Topology.whole().withContextParallel(rank, size, split);
    SequenceCutter cutter =
        new SequenceCutter(
            Schemas.packed(LENGTH, false),
            pieces,
            SequenceCut.of(topology, Optional.empty()),
            allocator);
    assertThat(cutter.isIdentity()).isEqualTo(identity);
    assertThat(cutter.piecesNeeded().stream().map(String::valueOf).toList())
        .isEqualTo(List.of(needed.split(" ")));
  }

  @Test
  void schemasWithoutSequencesNeedOnePieceAndNoCut() {
    StreamSchema schema = Schemas.packed(LENGTH, false);
    StreamSchema plain = new StreamSchema(0, schema.fields(), List.of(), Optional.empty());
    Topology topology = Topology.whole().withContextParallel(1, 2, Split.ZIGZAG);
    SequenceCutter cutter =
        new SequenceCutter(plain, 4, SequenceCut.of(topology, Optional.empty()), allocator);
    assertThat(cutter.isIdentity()).isTrue();
    assertThat(cutter.piecesNeeded()).containsExactly(0);
  }

  @Test
  void whatCannotBeDividedIsNamedByColumnRowAndDocument() {
    StreamSchema schema = Schemas.packed(12, true);
    Topology topology =
        Topology.whole().withContextParallel(0, 4, Split.CONTIGUOUS).perDocument("documents");
    SequenceCutter cutter =
        new SequenceCutter(schema, 1, SequenceCut.of(topology, Optional.empty()), allocator);
    List<List<Integer>> bounds = List.of(List.of(0, 4, 12), List.of(0, 4, 10, 12));
    try (VectorSchemaRoot rows = PackedRows.rows(allocator, schema, bounds, 1)) {
      assertThatThrownBy(() -> cutter.cut(List.of(rows), CutErrors.ofObject("data/x")))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("data/x")
          .hasMessageContaining("column 'tokens', row 1: document 1 has 6 values");
    }
  }

  @Test
  void boundsThatDoNotCoverTheSequenceAreDamage() {
    StreamSchema schema = Schemas.packed(12, true);
    Topology topology =
        Topology.whole().withContextParallel(0, 2, Split.CONTIGUOUS).perDocument("documents");
    SequenceCutter cutter =
        new SequenceCutter(schema, 1, SequenceCut.of(topology, Optional.empty()), allocator);
    for (List<Integer> bad :
        List.of(List.of(2, 12), List.of(0, 8, 4, 12), List.of(0, -4, 12), List.of(12))) {
      try (VectorSchemaRoot rows = PackedRows.rows(allocator, schema, List.of(bad), 1)) {
        assertThatThrownBy(() -> cutter.cut(List.of(rows), CutErrors.ofObject("data/x")))
            .isInstanceOf(CorruptObjectException.class)
            .hasMessageContaining("'documents', row 0");
      }
    }
  }

  @Test
  void piecesThatDisagreeAreDamage() {
    StreamSchema schema = Schemas.packed(8, false);
    SequenceCutter cutter = new SequenceCutter(schema, 2, SequenceCut.whole(), allocator);
    StreamSchema half = Schemas.packed(4, false);
    try (VectorSchemaRoot one = PackedRows.rows(allocator, half, List.of(List.of(0, 4)), 1);
        VectorSchemaRoot two =
            PackedRows.rows(allocator, half, List.of(List.of(0, 4), List.of(0, 4)), 1)) {
      assertThatThrownBy(() -> cutter.cut(List.of(one, two), CutErrors.ofObject("data/x")))
          .isInstanceOf(CorruptObjectException.class)
          .hasMessageContaining("differ in rows");
    }
  }
}
