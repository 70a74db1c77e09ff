// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.log.StepRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of the rows that fill no last step. G = 12, S = 4, R = 3. */
class RemainderTest {
  @TempDir private Path folder;

  @Test
  void keptRowsAreSpreadOverAllSlots() {
    Path root = write(22, 3, "keep");
    // 10 rows in slots ⌊i·10/4⌋ to ⌊(i+1)·10/4⌋.
    assertThat(
            Sparks.longs(
                Sparks.read(root)
                    .where("_step = 1")
                    .select("_slot")
                    .selectExpr("cast(_slot as long)")))
        .containsExactlyInAnyOrder(0L, 0L, 1L, 1L, 1L, 2L, 2L, 3L, 3L, 3L);
    assertThat(Sparks.longs(Sparks.read(root).select("id").orderBy("id")))
        .containsExactlyElementsOf(LongStream.range(0, 22).boxed().toList());
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "3, 1", "11, 1", "13, 1", "16, 2", "22, 3", "23, 5", "12, 1", "0, 1"})
  void paddedStepsRepeatTheirOwnRowsInTurn(long rows, int partitions) throws Exception {
    Path root = write(rows, partitions, "pad");
    List<StepRecord> steps = Sparks.steps(root);
    assertThat(steps).hasSize((int) ((rows + 11) / 12)).allMatch(step -> step.rows() == 12);
    Map<Long, Long> all = Sparks.counts(Sparks.longs(Sparks.read(root).select("id")));
    assertThat(all.keySet()).containsExactlyElementsOf(LongStream.range(0, rows).boxed().toList());
    long last = rows % 12;
    if (last > 0) {
      Map<Long, Long> ofLast =
          Sparks.counts(
              Sparks.longs(Sparks.read(root).where("_step = " + (steps.size() - 1)).select("id")));
      assertThat(ofLast).hasSize((int) last);
      assertThat(ofLast.values())
          .allMatch(count -> count == 12 / last || count == (12 + last - 1) / last);
    }
  }

  @Test
  void paddedRowsHaveTheirOwnValues() {
    Path root = write(17, 3, "pad");
    assertThat(
            Sparks.read(root)
                .where("tokens != transform(sequence(0, 7), i -> cast(id * 100 + i as int))")
                .count())
        .isZero();
  }

  @Test
  void droppedRowsAreCounted() throws Exception {
    Path root = write(31, 3, "drop");
    assertThat(Sparks.steps(root)).hasSize(2).allMatch(step -> step.rows() == 12);
    assertThat(Sparks.longs(Sparks.read(root).select("id"))).hasSize(24).doesNotHaveDuplicates();
    assertThat(Sparks.stream(root).producers().get(0).state()).contains("\"dropped_rows\":7");
  }

  @Test
  void droppingEverythingCommitsNoStep() throws Exception {
    Path root = write(5, 2, "drop");
    assertThat(Sparks.steps(root)).isEmpty();
  }

  @Test
  void anErrorLeavesTheStreamAsItWas() throws Exception {
    Path root = write(24, 2, "error");
    assertThat(Sparks.steps(root)).hasSize(2);
    assertThatThrownBy(() -> write(25, 2, "error"))
        .hasMessageContaining("1 rows remain that fill no step of 12 rows")
        .hasMessageContaining("'remainder' is 'error'");
    assertThat(Sparks.steps(root)).hasSize(2);
  }

  private Path write(long rows, int partitions, String remainder) {
    Path root = folder.resolve("stream");
    Sparks.write(Sparks.rows(rows, partitions), 12, 4)
        .option("remainder", remainder)
        .save(root.toString());
    return root;
  }
}
