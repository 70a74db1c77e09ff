// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.log.StepRecord;
import dev.lakestream.retention.Pins;
import dev.lakestream.stream.LakeStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log says of a stream, as tables. */
class LogTablesTest {
  @TempDir private Path folder;
  private Lake lake;

  @BeforeEach
  void write() {
    lake = Lake.at(folder);
    Sparks.write(Sparks.rows(8, 1).selectExpr("*", "'web' AS source"), 4, 2)
        .option("producer", "a")
        .option("tokensColumn", "tokens")
        .option("sourceColumn", "source")
        .save(root());
  }

  private String root() {
    return folder.resolve("stream").toString();
  }

  private void writeMore() {
    Sparks.write(Sparks.rows(6, 2).selectExpr("*", "'web' AS source"), 4, 2)
        .option("producer", "b")
        .save(root());
  }

  @Test
  void steps() throws Exception {
    writeMore();
    assertThat(
            lake.sql(
                "SELECT step, rows, tokens, slots, pieces, version, producer, first_row,"
                    + " first_token, map_keys(sources) FROM lake.stream.steps ORDER BY step"))
        .containsExactly(
            "[0,4,32,2,1,1,a,0,0,ArraySeq(web)]",
            "[1,4,32,2,1,1,a,4,32,ArraySeq(web)]",
            "[2,4,0,2,1,3,b,8,64,ArraySeq()]",
            "[3,2,0,2,1,3,b,12,64,ArraySeq()]");
    List<String> digests =
        Sparks.steps(Path.of(root())).stream().map(StepRecord::digest).map(d -> d.hex()).toList();
    assertThat(
            lake.rows("SELECT digest FROM lake.stream.steps ORDER BY step").stream()
                .map(row -> row.getString(0)))
        .isEqualTo(digests);
  }

  @Test
  void commits() throws Exception {
    writeMore();
    assertThat(
            lake.sql(
                "SELECT version, producer, epoch, sequence, first_step, steps, rows, first_row,"
                    + " repeats_from FROM lake.stream.commits ORDER BY version"))
        .containsExactly("[1,a,1,1,0,2,8,0,null]", "[3,b,1,1,2,2,6,8,null]");
    LakeStream stream = Sparks.stream(Path.of(root()));
    assertThat(lake.sql("SELECT unix_millis(committed) FROM lake.stream.commits WHERE version = 3"))
        .containsExactly("[" + stream.groupOf(2).time() + "]");
  }

  @Test
  void bundles() throws Exception {
    writeMore();
    List<Row> bundles = lake.rows("SELECT key, bytes, producer, steps FROM lake.stream.bundles");
    LakeStream stream = Sparks.stream(Path.of(root()));
    Set<String> named = new HashSet<>();
    for (long step = 0; step < 4; step++) {
      stream.groupOf(step).sources(step).forEach(from -> named.add(from.bundle().key().value()));
    }
    assertThat(bundles.stream().map(row -> row.getString(0)))
        .containsExactlyInAnyOrderElementsOf(named);
    for (Row row : bundles) {
      assertThat(row.getLong(1)).isEqualTo(Files.size(Path.of(root(), row.getString(0))));
    }
  }

  @Test
  void producersAndPins() throws Exception {
    writeMore();
    assertThat(
            lake.sql(
                "SELECT producer, epoch, sequence, version, retired FROM lake.stream.producers"))
        .contains("[a,1,1,1,true]", "[b,1,1,3,true]");
    assertThat(lake.sql("SELECT state FROM lake.stream.producers WHERE producer = 'a'").get(0))
        .contains("rows");
    assertThat(lake.sql("SELECT * FROM lake.stream.pins")).isEmpty();
    new Pins(Sparks.stream(Path.of(root()))).pin("run", "c1", 1, Optional.of(3L));
    Files.writeString(Path.of(root(), "pins/run/torn.json"), "{");
    assertThat(
            lake.sql(
                "SELECT job, checkpoint, from_step, to_step, problem IS NULL FROM lake.stream.pins"
                    + " ORDER BY job NULLS LAST"))
        .containsExactly("[run,c1,1,3,true]", "[null,null,null,null,false]");
  }

  @Test
  void byPathAndAsOfAVersion() {
    writeMore();
    assertThat(
            Sparks.session()
                .read()
                .format("lakestream")
                .option("table", "steps")
                .option("versionAsOf", 1)
                .load(root())
                .count())
        .isEqualTo(2);
    assertThat(lake.sql("SELECT step FROM lake.stream.steps VERSION AS OF 1 ORDER BY step"))
        .containsExactly("[0]", "[1]");
    assertThat(lake.sql("SELECT version FROM lake.stream.commits WITH (startStep=2)"))
        .containsExactly("[3]");
    assertThatThrownBy(
            () ->
                Sparks.session().read().format("lakestream").option("table", "stpes").load(root()))
        .hasMessageContaining("option 'table' is 'stpes'")
        .hasMessageContaining("steps, commits, producers, bundles, pins");
    assertThatThrownBy(() -> lake.sql("SELECT * FROM lake.stream.stpes"))
        .hasMessageContaining("cannot be found");
    assertThatThrownBy(() -> lake.sql("INSERT INTO lake.stream.pins SELECT * FROM range(1)"))
        .isNotNull();
  }

  /** They change with every commit, not at their ends, so no query could follow them. */
  @Test
  void areNoSourcesOfStreams() {
    assertThatThrownBy(
            () -> Sparks.session().readStream().table(lake.named("lake.stream.steps")).schema())
        .hasMessageContaining("micro-batch");
  }
}
