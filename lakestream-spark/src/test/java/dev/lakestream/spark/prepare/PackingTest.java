// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Packing loses nothing and doubles nothing, whatever the documents. */
class PackingTest {
  private static final int PADDING = -7;

  @ParameterizedTest
  @EnumSource(Packing.class)
  void everyTokenIsThereOnceAndInOrder(Packing packing) {
    SplittableRandom random = new SplittableRandom(5);
    for (int trial = 0; trial < 300; trial++) {
      int length = random.nextInt(1, 20);
      List<int[]> documents = documents(random, length);
      List<PackedSequence> sequences = pack(packing, length, documents);
      assertThat(sequences).allSatisfy(sequence -> checkShape(sequence, length));
      Map<Long, List<Integer>> parts = new TreeMap<>();
      forEachDocument(
          sequences,
          (id, tokens) -> {
            if (id != PackedSequence.PADDING) {
              parts.computeIfAbsent(id, none -> new ArrayList<>()).addAll(tokens);
            }
          });
      for (int id = 0; id < documents.size(); id++) {
        List<Integer> whole = Arrays.stream(documents.get(id)).boxed().toList();
        List<Integer> found = parts.getOrDefault((long) id, List.of());
        assertThat(found.stream().sorted()).isEqualTo(whole.stream().sorted().toList());
        if (packing == Packing.GREEDY || whole.size() <= length) {
          assertThat(found).isEqualTo(whole);
        }
      }
    }
  }

  @Test
  void greedyPackingNeedsTheFewestSequences() {
    SplittableRandom random = new SplittableRandom(6);
    for (int trial = 0; trial < 100; trial++) {
      int length = random.nextInt(1, 20);
      List<int[]> documents = documents(random, length);
      long tokens = documents.stream().mapToLong(document -> document.length).sum();
      assertThat(pack(Packing.GREEDY, length, documents))
          .hasSize((int) ((tokens + length - 1) / length));
    }
  }

  @Test
  void bestFitCutsNoDocumentThatFits() {
    SplittableRandom random = new SplittableRandom(7);
    for (int trial = 0; trial < 100; trial++) {
      int length = random.nextInt(1, 20);
      List<int[]> documents = documents(random, length);
      List<PackedSequence> sequences = pack(Packing.BEST_FIT, length, documents);
      for (int id = 0; id < documents.size(); id++) {
        long wanted = id;
        int size = documents.get(id).length;
        long parts =
            sequences.stream()
                .flatMap(sequence -> sequence.ids().stream())
                .filter(each -> each == wanted)
                .count();
        assertThat(parts).isEqualTo((size + length - 1) / length);
      }
    }
  }

  @Test
  void bestFitFillsTheFullestSequenceThatHasRoom() {
    List<int[]> documents = List.of(new int[3], new int[7], new int[6], new int[4], new int[5]);
    List<PackedSequence> sequences = pack(Packing.BEST_FIT, 10, documents);
    assertThat(sequences.stream().map(PackedSequence::ids))
        .containsExactly(List.of(1L, 0L), List.of(2L, 3L), List.of(4L, PackedSequence.PADDING));
    assertThat(sequences.get(2).documents()).containsExactly(0, 5, 10);
    assertThat(sequences.get(0).positions()).containsExactly(0, 1, 2, 3, 4, 5, 6, 0, 1, 2);
  }

  @Test
  void ofNothingNothingIsMade() {
    for (Packing packing : Packing.values()) {
      assertThat(pack(packing, 4, List.of())).isEmpty();
      assertThat(pack(packing, 4, List.of(new int[0]))).isEmpty();
    }
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> Packing.GREEDY.packer(0, 0, sequence -> {}))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> Packing.named("tight")).hasMessageContaining("[greedy, best_fit]");
    assertThat(Packing.named("Best_Fit")).isEqualTo(Packing.BEST_FIT);
  }

  private static List<int[]> documents(SplittableRandom random, int length) {
    List<int[]> documents = new ArrayList<>();
    int count = random.nextInt(12);
    for (int i = 0; i < count; i++) {
      documents.add(
          IntStream.range(0, random.nextInt(3 * length)).map(each -> random.nextInt()).toArray());
    }
    return documents;
  }

  private static List<PackedSequence> pack(Packing packing, int length, List<int[]> documents) {
    List<PackedSequence> sequences = new ArrayList<>();
    SequencePacker packer = packing.packer(length, PADDING, sequences::add);
    for (int id = 0; id < documents.size(); id++) {
      packer.add(id, documents.get(id));
    }
    packer.finish();
    return sequences;
  }

  private static void checkShape(PackedSequence sequence, int length) {
    assertThat(sequence.tokens()).hasSize(length);
    assertThat(sequence.positions()).hasSize(length);
    assertThat(sequence.documents()).hasSize(sequence.ids().size() + 1).isSorted().startsWith(0);
    assertThat(sequence.documents()).endsWith(length);
    for (int document = 0; document < sequence.ids().size(); document++) {
      int start = sequence.documents().get(document);
      int end = sequence.documents().get(document + 1);
      assertThat(sequence.positions().subList(start, end))
          .isEqualTo(IntStream.range(0, end - start).boxed().toList());
    }
    int padding = sequence.ids().indexOf(PackedSequence.PADDING);
    if (padding >= 0) {
      assertThat(padding).as("only the end is padding").isEqualTo(sequence.ids().size() - 1);
      assertThat(sequence.tokens().subList(sequence.documents().get(padding), length))
          .containsOnly(PADDING);
    }
  }

  private interface DocumentVisitor {
    void visit(long id, List<Integer> tokens);
  }

  private static void forEachDocument(List<PackedSequence> sequences, DocumentVisitor visitor) {
    for (PackedSequence sequence : sequences) {
      for (int document = 0; document < sequence.ids().size(); document++) {
        visitor.visit(
            sequence.ids().get(document),
            sequence
                .tokens()
                .subList(
                    sequence.documents().get(document), sequence.documents().get(document + 1)));
      }
    }
  }
}
