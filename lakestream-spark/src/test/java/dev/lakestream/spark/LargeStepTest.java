// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.log.StepRecord;
import dev.lakestream.stream.LakeStream;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps that are larger than a bundle is to be: they are written as they come. */
class LargeStepTest {
  @TempDir private Path folder;

  /** Tasks end within a step, within a slot, and at the end of a step. */
  @ParameterizedTest
  @CsvSource({"640,1", "700,1", "700,2", "645,3", "31,2", "100,1"})
  void allRowsAreThereOnce(long rows, int partitions) throws Exception {
    write(Sparks.rows(rows, partitions)).save(root().toString());
    assertThat(Sparks.longs(Sparks.read(root()).select("id").orderBy("id")))
        .containsExactlyElementsOf(LongStream.range(0, rows).boxed().toList());
    assertThat(Sparks.steps(root()).stream().mapToLong(StepRecord::rows).limit(rows / 64))
        .hasSize((int) (rows / 64))
        .allMatch(ofStep -> ofStep == 64);
  }

  @Test
  void eachIsABundleOfItsOwn() throws Exception {
    write(Sparks.rows(640, 1)).save(root().toString());
    LakeStream stream = Sparks.stream(root());
    for (long step = 0; step < 10; step++) {
      assertThat(stream.groupOf(step).sources(step)).hasSize(1);
      assertThat(stream.groupOf(step).sources(step).get(0).count()).isEqualTo(16);
      assertThat(stream.groupOf(step).sources(step).get(0).bundle().steps()).isOne();
    }
  }

  /** Pieces come one after the other in a bundle, so such a step lies in several. */
  @Test
  void withPiecesItLiesInSeveralBundles() throws Exception {
    Dataset<Row> rows = Sparks.rows(640, 2);
    write(rows)
        .option("pieces", 2)
        .option("sequence", "tokens")
        .option("fixedLength.tokens", 8)
        .save(root().toString());
    assertThat(Sparks.texts(Sparks.read(root()))).isEqualTo(Sparks.texts(rows));
    LakeStream stream = Sparks.stream(root());
    assertThat(stream.groupOf(0).sources(0).stream().map(cell -> cell.bundle().key()).distinct())
        .hasSizeGreaterThan(1);
  }

  private static org.apache.spark.sql.DataFrameWriter<Row> write(Dataset<Row> rows) {
    return Sparks.write(rows, 64, 16).option("bundleSize", "1KB");
  }

  private Path root() {
    return folder.resolve("stream");
  }
}
