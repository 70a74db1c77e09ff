// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.log.Action;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryProgress;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streaming queries that read a stream: four commits of two steps of four rows. */
class StepStreamTest {
  @TempDir private Path folder;
  private final List<Row> seen = new ArrayList<>();
  private Path root;

  @BeforeEach
  void writeStream() {
    root = folder.resolve("stream");
    for (int commit = 0; commit < 4; commit++) {
      append(commit * 8L, 8);
    }
  }

  @Test
  void epochsHaveAsManyStepsAsTheOptionSays() throws Exception {
    StreamingQuery query = run(read().option("maxStepsPerTrigger", 3));
    assertThat(epochs(query)).containsExactly(12L, 12L, 8L);
    assertThat(ids()).isEqualTo(longs(0, 32));
    assertThat(seen)
        .as("rows know their places")
        .allMatch(row -> row.<Long>getAs("_step") == row.<Long>getAs("id") / 4)
        .allMatch(row -> row.<Long>getAs("_version") > 0)
        .allMatch(row -> row.<String>getAs("_producer").startsWith("spark-"));
  }

  @Test
  void withoutAnyOptionAnEpochHasAllThatThereIs() throws Exception {
    assertThat(epochs(run(read()))).containsExactly(32L);
  }

  @Test
  void aQueryGoesOnWhereItWas() throws Exception {
    run(read());
    append(32, 8);
    StreamingQuery again = run(read().option("startStep", 3));
    assertThat(epochs(again)).as("the checkpoint wins").containsExactly(8L);
    assertThat(ids()).isEqualTo(longs(32, 40));
    assertThat(run(read()).lastProgress().numInputRows()).isZero();
  }

  @Test
  void aQueryBeginsWhereItIsTold() throws Exception {
    var stream = Sparks.stream(root);
    long version = stream.groupOf(4).version();
    Instant time = Instant.ofEpochMilli(stream.groupOf(4).time());
    run(read().option("startStep", 5));
    assertThat(ids()).isEqualTo(longs(20, 32));
    runAnew(read().option("startVersion", version));
    assertThat(ids()).isEqualTo(longs(16, 32));
    // Opening entries have no steps: the next commit counts.
    runAnew(read().option("startVersion", version - 1));
    assertThat(ids()).isEqualTo(longs(16, 32));
    runAnew(read().option("startTimestamp", time.toString()));
    assertThat(ids()).isEqualTo(longs(16, 32));
    runAnew(read().option("start", "latest"));
    assertThat(ids()).isEmpty();
    runAnew(read().option("start", "earliest"));
    assertThat(ids()).isEqualTo(longs(0, 32));
  }

  @Test
  void aCheckpointOfAnotherStreamIsRefused() throws Exception {
    run(read());
    root = folder.resolve("other");
    append(0, 40);
    assertThatThrownBy(() -> run(read()))
        .hasMessageContaining("the cursor belongs to the stream")
        .hasMessageContaining("this is " + Sparks.stream(root).id());
  }

  @Test
  void trimmedStepsAreAnErrorUnlessTheQueryAllowsIt() throws Exception {
    run(read().option("maxStepsPerTrigger", 8));
    append(32, 24);
    trim(11);
    assertThatThrownBy(() -> run(read()))
        .hasMessageContaining("steps 8 to 10")
        .hasMessageContaining("were trimmed before the query read them")
        .hasMessageContaining("failOnDataLoss");
    run(read().option("failOnDataLoss", false));
    assertThat(ids()).isEqualTo(longs(44, 56));
    // A query that begins where the stream now does knows no digests of what was before.
    runAnew(read());
    assertThat(ids()).isEqualTo(longs(44, 56));
    append(56, 4);
    run(read());
    assertThat(ids()).isEqualTo(longs(56, 60));
    assertThatThrownBy(() -> runAnew(read().option("startStep", 3)))
        .hasMessageContaining("option 'startStep' is 3")
        .hasMessageContaining("is 11");
  }

  @Test
  void aSealedStreamComesToItsEnd() throws Exception {
    new StreamControl(Sparks.stream(root)).commit(new Action.Seal());
    StreamingQuery query = run(read());
    assertThat(ids()).isEqualTo(longs(0, 32));
    assertThat(source(query, "sealed")).isEqualTo("true");
  }

  @Test
  void columnsThatComeLaterAreReadByTheNextRun() throws Exception {
    run(read());
    var stream = Sparks.stream(root);
    StreamSchema now = stream.state().schema();
    List<Field> fields = new ArrayList<>(now.fields());
    fields.add(new Field("note", ColumnType.Simple.UTF8, true));
    new StreamControl(stream)
        .commit(
            new Action.AddSchema(
                new StreamSchema(now.id() + 1, fields, now.sequence(), now.boundaries())));
    Sparks.write(Sparks.rows(4, 1).selectExpr("id + 32 as id", "tokens", "'x' as note"), 4, 2)
        .save(root.toString());
    run(read());
    assertThat(seen).hasSize(4).allMatch(row -> row.<String>getAs("note").equals("x"));
    runAnew(read().schema("id long not null"));
    assertThat(ids()).isEqualTo(longs(0, 36));
  }

  @Test
  void metricsSayHowFarTheQueryIsBehind() throws Exception {
    StreamingQuery query = start(read().option("maxStepsPerTrigger", 3), Trigger.AvailableNow());
    query.awaitTermination();
    StreamingQueryProgress first = query.recentProgress()[0];
    assertThat(first.sources()[0].metrics().get("stepsBehind")).isEqualTo("5");
    assertThat(source(query, "tailStep")).isEqualTo("8");
    assertThat(source(query, "stepsBehind")).isEqualTo("0");
  }

  @Test
  void stepsGoFromStreamToStream() throws Exception {
    Path copy = folder.resolve("copy");
    for (int run = 0; run < 2; run++) {
      read()
          .option("maxStepsPerTrigger", 1)
          .load(root.toString())
          .select("id", "tokens")
          .writeStream()
          .format("lakestream")
          .option("globalBatchSize", 6)
          .option("slots", 3)
          .option("remainder", run == 0 ? "carry" : "keep")
          .option("checkpointLocation", folder.resolve("checkpoint").toString())
          .trigger(Trigger.AvailableNow())
          .start(copy.toString())
          .awaitTermination();
      Sparks.session().sparkContext().listenerBus().waitUntilEmpty();
      if (run == 0) {
        assertThat(Sparks.steps(copy)).hasSize(5).allMatch(step -> step.rows() == 6);
        append(32, 8);
      }
    }
    assertThat(Sparks.longs(Sparks.read(copy).select("id").orderBy("id"))).isEqualTo(longs(0, 40));
    assertThat(Sparks.steps(copy)).hasSize(7);
  }

  @ParameterizedTest
  @CsvSource({
    "maxStepPerTrigger, 1, maxStepPerTrigger' is unknown to a read",
    "maxStepsPerTrigger, 0, no epoch would read anything",
    "startStep, 9, next step 8",
    "startVersion, 99, last version",
    "start, newest, it must be one of",
    "endStep, 3, is for batch reads",
    "versionAsOf, 3, is for batch reads",
    "failOnDataLoss, perhaps, it must be one of"
  })
  void badOptionsAreRefused(String option, String value, String message) {
    assertThatThrownBy(() -> run(read().option(option, value))).hasMessageContaining(message);
  }

  @Test
  void batchReadsRefuseWhatOnlyQueriesHave() {
    assertThatThrownBy(
            () ->
                Sparks.session()
                    .read()
                    .format("lakestream")
                    .option("maxStepsPerTrigger", 2)
                    .load(root.toString())
                    .count())
        .hasMessageContaining("option 'maxStepsPerTrigger' is for streaming queries");
    assertThatThrownBy(() -> run(read().option("startStep", 1).option("start", "latest")))
        .hasMessageContaining("exclude each other");
  }

  private void append(long first, int rows) {
    Sparks.write(Sparks.rows(rows, 1).selectExpr("id + " + first + " as id", "tokens"), 4, 2)
        .save(root.toString());
  }

  private void trim(long to) throws Exception {
    var stream = Sparks.stream(root);
    StreamControl control = new StreamControl(stream);
    long intent = control.commit(new Action.TrimIntent(to));
    control.commit(new Action.Trim(to, intent));
  }

  private static DataStreamReader read() {
    return Sparks.session().readStream().format("lakestream");
  }

  private StreamingQuery runAnew(DataStreamReader reader) throws Exception {
    org.apache.commons.io.FileUtils.deleteDirectory(folder.resolve("checkpoint").toFile());
    return run(reader);
  }

  private StreamingQuery run(DataStreamReader reader) throws Exception {
    StreamingQuery query = start(reader, Trigger.AvailableNow());
    query.awaitTermination();
    return query;
  }

  private StreamingQuery start(DataStreamReader reader, Trigger trigger) throws Exception {
    seen.clear();
    Dataset<Row> rows = reader.load(root.toString());
    return rows.select(
            Stream.concat(
                    Stream.of("_step", "_version", "_producer"), Arrays.stream(rows.columns()))
                .map(Column::new)
                .toArray(Column[]::new))
        .writeStream()
        .foreachBatch(
            (VoidFunction2<Dataset<Row>, Long>)
                (batch, epoch) -> seen.addAll(batch.collectAsList()))
        .option("checkpointLocation", folder.resolve("checkpoint").toString())
        .trigger(trigger)
        .start();
  }

  /** Ids that the last run has read. */
  private List<Long> ids() {
    return seen.stream().map(row -> row.<Long>getAs("id")).sorted().toList();
  }

  private static List<Long> longs(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  /** Rows of each epoch that had any. */
  private static List<Long> epochs(StreamingQuery query) {
    return Arrays.stream(query.recentProgress())
        .map(StreamingQueryProgress::numInputRows)
        .filter(rows -> rows > 0)
        .toList();
  }

  private static String source(StreamingQuery query, String metric) {
    return query.lastProgress().sources()[0].metrics().get(metric);
  }
}
