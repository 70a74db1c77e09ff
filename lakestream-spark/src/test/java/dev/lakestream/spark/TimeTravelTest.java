// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.log.Action;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.stream.LakeStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading a stream as it was, and parts of it, by options. */
class TimeTravelTest {
  @TempDir private Path folder;

  @Test
  void aVersionIsWhatWasVisibleThen() {
    write(8);
    write(4);
    assertThat(steps("versionAsOf", "0")).isEmpty();
    assertThat(steps("versionAsOf", "1")).containsExactly(0L, 1L);
    assertThat(steps("versionAsOf", "2")).containsExactly(0L, 1L);
    assertThat(steps("versionAsOf", "3")).containsExactly(0L, 1L, 2L);
    assertThat(read("versionAsOf", "1").count()).isEqualTo(8);
  }

  @Test
  void aTimeIsWhatWasVisibleThen() throws Exception {
    write(8);
    Instant first = Instant.ofEpochMilli(stream().groupOf(0).time());
    while (!Instant.now().isAfter(first.plusMillis(1))) {
      Thread.onSpinWait();
    }
    write(4);
    assertThat(steps("timestampAsOf", first.toString())).containsExactly(0L, 1L);
    String inSession = first.toString().replace('T', ' ').replace("Z", "");
    assertThat(steps("timestampAsOf", inSession)).containsExactly(0L, 1L);
    assertThat(steps("timestampAsOf", "2999-01-01")).containsExactly(0L, 1L, 2L);
    assertThatThrownBy(() -> steps("timestampAsOf", "2001-01-01"))
        .hasMessageContaining("was created")
        .hasMessageContaining("after 2001-01-01T00:00:00Z");
    assertThatThrownBy(() -> steps("timestampAsOf", "soon")).hasMessageContaining("'soon'");
  }

  @Test
  void aVersionHasItsSchema() throws Exception {
    write(4);
    LakeStream stream = stream();
    StreamSchema first = stream.state().schema();
    List<Field> fields = new ArrayList<>(first.fields());
    fields.add(Field.nullable("score", Simple.FLOAT32));
    new StreamControl(stream)
        .commit(
            new Action.AddSchema(
                new StreamSchema(1, fields, first.sequence(), first.boundaries())));
    assertThat(read("versionAsOf", "1").columns()).containsExactly("id", "tokens");
    assertThat(read("versionAsOf", "2").columns()).containsExactly("id", "tokens", "score");
    assertThat(Sparks.read(root()).columns()).containsExactly("id", "tokens", "score");
  }

  @Test
  void aRangeOfSteps() {
    write(20);
    assertThat(steps("startStep", "3")).containsExactly(3L, 4L);
    assertThat(steps("endStep", "2")).containsExactly(0L, 1L);
    assertThat(steps("startStep", "5")).isEmpty();
    DataFrameReader both = reader().option("startStep", 1).option("endStep", 3);
    assertThat(steps(both.load(root().toString()))).containsExactly(1L, 2L);
    assertThat(both.load(root().toString()).count()).isEqualTo(8);
  }

  @Test
  void whatIsNotThereIsRefused() {
    write(8);
    assertThatThrownBy(() -> steps("versionAsOf", "2"))
        .hasMessageContaining("has no version 2: its newest is 1");
    assertThatThrownBy(() -> steps("versionAsOf", "-1"))
        .hasMessageContaining("option 'versionAsOf' is '-1'");
    assertThatThrownBy(() -> steps("versionAsOf", "latest"))
        .hasMessageContaining("option 'versionAsOf' is 'latest'");
    assertThatThrownBy(() -> steps("startStep", "3"))
        .hasMessageContaining("has the steps from 0 to before 2");
    assertThatThrownBy(() -> steps("endStep", "3"))
        .hasMessageContaining("has the steps from 0 to before 2");
    assertThatThrownBy(
            () -> reader().option("startStep", 2).option("endStep", 1).load(root().toString()))
        .hasMessageContaining("option 'startStep' is 2, beyond 'endStep', which is 1");
    assertThatThrownBy(
            () ->
                reader()
                    .option("versionAsOf", 1)
                    .option("timestampAsOf", "2026-01-01")
                    .load(root().toString()))
        .hasMessageContaining("exclude each other");
    assertThatThrownBy(() -> steps("version", "1"))
        .hasMessageContaining("option 'version' is unknown");
  }

  @Test
  void whatWasTrimmedIsGone() throws Exception {
    write(8);
    write(4);
    write(4);
    StreamControl control = new StreamControl(stream());
    long intent = control.commit(new Action.TrimIntent(3));
    control.commit(new Action.Trim(3, intent));
    assertThat(steps("versionAsOf", "5")).containsExactly(3L);
    assertThatThrownBy(() -> steps("versionAsOf", "1"))
        .hasMessageContaining("at version 1 have been trimmed")
        .hasMessageContaining("first readable step is 3, of version 5");
    assertThatThrownBy(() -> steps("startStep", "1"))
        .hasMessageContaining("the first readable step")
        .hasMessageContaining("is 3");
  }

  private void write(long rows) {
    Sparks.write(Sparks.rows(rows, 1), 4, 2).save(root().toString());
  }

  private static List<Long> steps(Dataset<Row> rows) {
    return Sparks.longs(rows.select("_step").distinct().orderBy("_step"));
  }

  private List<Long> steps(String option, String value) {
    return steps(read(option, value));
  }

  private Dataset<Row> read(String option, String value) {
    return reader().option(option, value).load(root().toString());
  }

  private static DataFrameReader reader() {
    return Sparks.session().read().format("lakestream");
  }

  private LakeStream stream() throws Exception {
    return Sparks.stream(root());
  }

  private Path root() {
    return folder.resolve("stream");
  }
}
