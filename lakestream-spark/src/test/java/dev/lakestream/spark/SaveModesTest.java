// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.log.Action;
import dev.lakestream.producer.StreamControl;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Creating, appending, and what a stream refuses. */
class SaveModesTest {
  @TempDir private Path folder;

  @Test
  void appendCreatesAndThenAppends() throws Exception {
    save(Sparks.rows(8, 1), "append");
    save(Sparks.rows(8, 2), "append");
    assertThat(Sparks.steps(root())).hasSize(4);
    assertThat(Sparks.stream(root()).producers())
        .hasSize(2)
        .allMatch(producer -> producer.id().startsWith("spark-local-"));
  }

  @Test
  void aStreamCanBeReadByItsSlotsAgain() throws Exception {
    save(Sparks.rows(8, 1), "append");
    Sparks.rows(12, 1)
        .write()
        .format("lakestream")
        .option("globalBatchSize", 6)
        .mode("append")
        .save(root().toString());
    Sparks.write(Sparks.rows(9, 1), 9, 3).save(root().toString());
    assertThat(Sparks.stream(root()).groupOf(2).slots()).as("the default").isEqualTo(2);
    assertThat(Sparks.stream(root()).groupOf(4).slots()).isEqualTo(3);
    assertThat(Sparks.read(root()).count()).isEqualTo(29);
  }

  @Test
  void errorIfExistsIsTheDefaultOfSpark() throws Exception {
    Sparks.rows(8, 1)
        .write()
        .format("lakestream")
        .option("globalBatchSize", 4)
        .option("slots", 2)
        .save(root().toString());
    assertThat(Sparks.steps(root())).hasSize(2);
    assertThatThrownBy(() -> save(Sparks.rows(8, 1), "errorifexists"))
        .hasMessageContaining("there is a stream at")
        .hasMessageContaining("mode(\"append\")");
    save(Sparks.rows(8, 1), "ignore");
    assertThat(Sparks.steps(root())).hasSize(2);
  }

  @Test
  void overwriteIsRefusedWithAReason() {
    assertThatThrownBy(() -> save(Sparks.rows(8, 1), "overwrite"))
        .hasMessageContaining("can't be overwritten")
        .hasMessageContaining("never changes");
  }

  @Test
  void anotherSchemaIsRefusedWithTheColumns() {
    save(Sparks.rows(8, 1), "append");
    Dataset<Row> other =
        Sparks.session().range(4).selectExpr("cast(id as int) as id", "'x' as more");
    assertThatThrownBy(() -> save(other, "append"))
        .hasMessageContaining("column 'id' is 'id: int32', the stream has 'id: int64'")
        .hasMessageContaining("'tokens: list<int32")
        .hasMessageContaining("is missing")
        .hasMessageContaining("column 'more' is not in the stream");
  }

  @Test
  void theOrderOfColumnsDoesNotMatter() {
    save(Sparks.rows(8, 1), "append");
    save(Sparks.rows(8, 1).select("tokens", "id"), "append");
    assertThat(Sparks.read(root()).where("tokens[0] = id * 100").count()).isEqualTo(16);
  }

  @Test
  void factsOfTheStreamCannotBeChangedByTheWay() {
    save(Sparks.rows(8, 1), "append");
    assertThatThrownBy(
            () ->
                Sparks.write(Sparks.rows(8, 1), 4, 2)
                    .option("sequence", "tokens")
                    .save(root().toString()))
        .hasMessageContaining("option 'sequence' says [tokens]");
  }

  @Test
  void aSealedStreamIsRefused() throws Exception {
    save(Sparks.rows(8, 1), "append");
    new StreamControl(Sparks.stream(root())).commit(new Action.Seal());
    assertThatThrownBy(() -> save(Sparks.rows(8, 1), "append")).hasMessageContaining("sealed");
  }

  @Test
  void readingNothingSaysSo() {
    assertThatThrownBy(() -> Sparks.read(root()))
        .isInstanceOf(StreamNotFoundException.class)
        .hasMessageContaining(root().toString());
  }

  @Test
  void partitionColumnsAreRefused() {
    assertThatThrownBy(
            () -> Sparks.write(Sparks.rows(8, 1), 4, 2).partitionBy("id").save(root().toString()))
        .hasMessageContaining("partition");
  }

  private void save(Dataset<Row> rows, String mode) {
    Sparks.write(rows, 4, 2).mode(mode).save(root().toString());
  }

  private Path root() {
    return folder.resolve("stream");
  }
}
