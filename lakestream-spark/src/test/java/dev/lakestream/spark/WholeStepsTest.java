// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.log.StepRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever the rows and their partitions: each row is there once, in whole steps but the last. */
class WholeStepsTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "0, 1, 0",
    "1, 1, 1",
    "11, 1, 11",
    "12, 1, 12",
    "13, 1, 1",
    "25, 1, 1",
    "0, 3, 0",
    "1, 3, 1",
    "12, 5, 12",
    "13, 5, 1",
    "100, 7, 4",
    "131, 2, 11",
    "1000, 3, 4"
  })
  void everyRowIsThereOnce(long rows, int partitions, long lastRows) throws Exception {
    Path root = folder.resolve("stream");
    Sparks.write(Sparks.rows(rows, partitions), 12, 4).save(root.toString());

    Dataset<Row> read = Sparks.read(root);
    assertThat(Sparks.longs(read.select("id").orderBy("id")))
        .containsExactlyElementsOf(LongStream.range(0, rows).boxed().toList());
    assertThat(
            read.where("tokens != transform(sequence(0, 7), i -> cast(id * 100 + i as int))")
                .count())
        .isZero();

    List<Long> sizes = Sparks.steps(root).stream().map(StepRecord::rows).toList();
    assertThat(sizes).hasSize((int) ((rows + 11) / 12));
    if (rows > 0) {
      assertThat(sizes.subList(0, sizes.size() - 1)).allMatch(size -> size == 12);
      assertThat(sizes.get(sizes.size() - 1)).isEqualTo(lastRows);
    }
    assertThat(Sparks.stream(root).state().version()).as("one entry opens, one commits").isOne();
  }
}
