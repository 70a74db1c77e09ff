// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences that are cut when they are written come back whole. */
class PiecesTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"keep", "pad"})
  void sequencesAreJoined(String remainder) throws Exception {
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 27, 1, 4)
            .selectExpr(
                "id",
                "transform(sequence(0, 15), i -> cast(id * 100 + i as int)) as tokens",
                "transform(sequence(1, 4 * (1 + id % 3)), i -> id * 100 + i) as labels");
    roundTrip(
        rows.drop("labels"),
        writer(rows.drop("labels"), remainder)
            .option("fixedLength.tokens", 16)
            .option("sequence", "tokens"));
    assertThat(Sparks.stream(folder.resolve("stream")).groupOf(0).pieces()).isEqualTo(4);
  }

  @Test
  void sequencesOfAnyLengthAreJoined() throws Exception {
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 27, 1, 4)
            .selectExpr(
                "id",
                "transform(sequence(1, 4 * (1 + id % 3)), i -> id * 100 + i) as tokens",
                "transform(sequence(1, 4 * (1 + id % 3)), i -> id * 100 + i + 1) as labels");
    roundTrip(rows, writer(rows, "keep").option("sequence", "tokens, labels"));
  }

  @Test
  void documentsAreJoined() throws Exception {
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 27, 1, 4)
            .selectExpr(
                "id",
                "transform(sequence(1, 8 + 4 * (id % 3)), i -> id * 100 + i) as tokens",
                "array(0, 4, 4, cast(8 + 4 * (id % 3) as int)) as doc_starts");
    roundTrip(
        rows, writer(rows, "keep").option("sequence", "tokens").option("boundaries", "doc_starts"));
    assertThat(Sparks.longs(Sparks.read(folder.resolve("stream")).selectExpr("sum(tokens[5])")))
        .isEqualTo(Sparks.longs(rows.selectExpr("sum(tokens[5])")));
  }

  private void roundTrip(Dataset<Row> rows, DataFrameWriter<Row> writer) {
    Path root = folder.resolve("stream");
    writer.save(root.toString());
    Dataset<Row> read = Sparks.read(root).dropDuplicates("id");
    assertThat(Sparks.texts(read)).isEqualTo(Sparks.texts(rows));
  }

  private static DataFrameWriter<Row> writer(Dataset<Row> rows, String remainder) {
    return Sparks.write(rows, 8, 2).option("pieces", 4).option("remainder", remainder);
  }
}
