// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.FencedException;
import dev.lakestream.log.Action;
import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streaming queries that write to a stream. */
class EpochSinkTest {
  @TempDir private Path folder;
  private Queries query;

  @BeforeEach
  void makeQuery() {
    query = new Queries(Sparks.session(), folder, folder.resolve("stream").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"arrow", "parquet"})
  void rowsThatFillNoStepAreCarriedFromEpochToEpochAndFromRunToRun(String format) throws Exception {
    query.put(5).put(3).put(9);
    query.run(query.write(6, 2).option("bundleFormat", format));
    assertThat(steps()).hasSize(2).allMatch(step -> step.rows() == 6);
    assertThat(query.producer().attachments()).isNotEmpty();
    assertThat(query.producer().state()).contains("\"epoch\":2,\"rows\":12,\"steps\":2");

    query.put(2).put(5);
    query.run(query.write(6, 2).option("bundleFormat", format));
    assertThat(query.visible()).isEqualTo(query.ids());
    assertThat(query.producer().attachments()).isEmpty();
    assertThat(steps()).hasSize(4);
    assertThat(bundles()).allMatch(file -> file.toString().endsWith("." + format));
  }

  @Test
  void anEpochWithoutAWholeStepIsCommitted() throws Exception {
    query.put(1).put(2);
    query.run(query.write(100, 10));
    assertThat(steps()).isEmpty();
    assertThat(query.producer().state()).contains("\"epoch\":1");
    query.put(97);
    query.run(query.write(100, 10));
    assertThat(query.visible()).isEqualTo(query.ids());
  }

  @Test
  void anEpochThatSparkSendsAgainIsNotDoubled() throws Exception {
    query.put(7).put(8);
    query.run(query.write(4, 2));
    List<Long> before = query.visible();
    List<Path> objects = bundles();
    // As after a crash between the commit of the epoch and Spark's note of it.
    Files.delete(query.checkpoint().resolve("commits/1"));
    Files.delete(query.checkpoint().resolve("commits/.1.crc"));
    query.run(query.write(4, 2));
    assertThat(query.visible()).isEqualTo(before).hasSize(12);
    assertThat(bundles()).as("nothing is uploaded again").isEqualTo(objects);
    query.put(1);
    query.run(query.write(4, 2));
    assertThat(query.visible()).isEqualTo(query.ids());
  }

  @ParameterizedTest
  @CsvSource({"keep, 2, 5", "pad, 2, 6", "drop, 1, 0", "carry, 1, 0"})
  void whenAQueryEndsTheRestBecomesWhatTheOptionSays(String remainder, int steps, long last)
      throws Exception {
    query.put(4).put(7);
    query.run(query.write(6, 2).option("remainder", remainder));
    assertThat(steps()).hasSize(steps);
    if (steps > 1) {
      assertThat(steps().get(1).rows()).isEqualTo(last);
      assertThat(query.visible().stream().distinct()).isEqualTo(query.ids());
    }
    assertThat(query.producer().attachments().isEmpty()).isEqualTo(!remainder.equals("carry"));
    assertThat(query.producer().state())
        .contains("\"dropped_rows\":" + (remainder.equals("drop") ? 5 : 0));
    // The query goes on as if nothing had been.
    query.put(7);
    query.run(query.write(6, 2));
    long more = remainder.equals("carry") ? 2 : 1;
    assertThat(steps()).hasSize(steps + (int) more);
  }

  @Test
  void aQueryThatIsStoppedLeavesItsLastStepToo() throws Exception {
    query.put(4).put(7);
    StreamingQuery running =
        query.write(6, 2).option("remainder", "keep").trigger(Trigger.ProcessingTime(0)).start();
    running.processAllAvailable();
    assertThat(query.visible()).hasSize(6);
    running.stop();
    Sparks.session().sparkContext().listenerBus().waitUntilEmpty();
    assertThat(query.visible()).isEqualTo(query.ids());
  }

  @Test
  void carriedRowsSurviveOtherSizesOfSteps() throws Exception {
    query.put(11);
    query.run(query.write(12, 4));
    query.put(1);
    query.run(query.write(5, 5));
    query.put(3);
    query.run(query.write(15, 3));
    assertThat(query.visible()).hasSize(10);
    query.put(10);
    query.run(query.write(15, 3));
    assertThat(query.visible()).isEqualTo(query.ids());
  }

  @Test
  void carriedRowsSurviveAnEvolvedSchema() throws Exception {
    query.put(11);
    query.run(query.write(12, 4));
    evolve(new Field("note", ColumnType.Simple.UTF8, true));
    query.put(13);
    DataStreamWriter<Row> wider =
        query
            .rows()
            .selectExpr("id", "tokens", "cast(id as string) as note")
            .writeStream()
            .format("lakestream")
            .option("globalBatchSize", 12)
            .option("slots", 4)
            .option("checkpointLocation", query.checkpoint().toString())
            .trigger(Trigger.AvailableNow())
            .option("path", query.root());
    query.run(wider);
    assertThat(query.visible()).isEqualTo(query.ids());
    assertThat(Sparks.read(Path.of(query.root())).where("note is null").count()).isEqualTo(11);
    assertThat(
            Sparks.read(Path.of(query.root()))
                .where("tokens != transform(sequence(0, 7), i -> cast(id * 100 + i as int))")
                .count())
        .isZero();
  }

  @Test
  void aSecondQueryWithTheSameIdFencesTheFirst() throws Exception {
    query.put(4);
    StreamingQuery first = query.write(4, 2).trigger(Trigger.ProcessingTime(0)).start();
    first.processAllAvailable();
    // Spark keeps two runs of one query apart within an application, so this is another one's.
    var other =
        dev.lakestream.producer.ProducerSession.open(
            Sparks.stream(Path.of(query.root())), query.producer().id());
    assertThat(other.state()).contains(first.id().toString());
    query.put(4);
    assertThatThrownBy(first::awaitTermination)
        .isInstanceOf(StreamingQueryException.class)
        .hasRootCauseInstanceOf(FencedException.class);
    assertThat(query.visible()).hasSize(4);
  }

  @Test
  void aProducerIsNeverSharedByTwoQueries() throws Exception {
    query.put(5);
    query.run(query.write(4, 2).option("producer", "tok"));
    Path checkpoint = query.checkpoint();
    Files.move(checkpoint, folder.resolve("lost"));
    assertThatThrownBy(() -> query.run(query.write(4, 2).option("producer", "tok")))
        .hasMessageContaining("producer 'tok' belongs to the streaming query")
        .hasMessageContaining("Go on with the other checkpoint");
    assertThat(query.producer().epoch()).as("nobody was fenced").isOne();
    Sparks.write(Sparks.rows(4, 1), 4, 2).option("producer", "job").save(query.root());
    assertThatThrownBy(() -> query.run(query.write(4, 2).option("producer", "job")))
        .hasMessageContaining("belongs to something else than a streaming query");
  }

  @ParameterizedTest
  @CsvSource({"Complete", "Update"})
  void onlyNewRowsCanBeWritten(String mode) throws Exception {
    query.put(5);
    DataStreamWriter<Row> writer =
        query
            .rows()
            .groupBy("id")
            .count()
            .writeStream()
            .format("lakestream")
            .option("globalBatchSize", 4)
            .option("slots", 2)
            .option("checkpointLocation", query.checkpoint().toString())
            .outputMode(mode.equals("Complete") ? OutputMode.Complete() : OutputMode.Update())
            .trigger(Trigger.AvailableNow())
            .option("path", query.root());
    assertThatThrownBy(() -> query.run(writer))
        .hasMessageContaining(
            mode.equals("Complete")
                ? "what readers have seen never changes"
                : "does not support Update mode");
  }

  @ParameterizedTest
  @CsvSource({
    "globalBatchsizes, 4, globalBatchsizes' is unknown to a write",
    "remainder, error, a streaming query that has ended",
    "slots, 3, is not divisible by slots 3",
    "tokensColumn, nope, tokensColumn' names 'nope'",
    "asyncProgressTrackingEnabled, true, does not support async progress tracking"
  })
  void badOptionsAreRefusedBeforeAnythingRuns(String option, String value, String message)
      throws Exception {
    query.put(5);
    assertThatThrownBy(() -> query.run(query.write(4, 2).option(option, value)))
        .hasMessageContaining(message);
    assertThat(Path.of(query.root())).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "remainder, carry, nothing follows a batch job",
    "checkpointLocation, /x, is for streaming queries"
  })
  void jobsRefuseWhatOnlyQueriesHave(String option, String value, String message) {
    assertThatThrownBy(
            () -> Sparks.write(Sparks.rows(4, 1), 4, 2).option(option, value).save(query.root()))
        .hasMessageContaining(message);
  }

  private void evolve(Field added) throws Exception {
    var stream = Sparks.stream(Path.of(query.root()));
    StreamSchema now = stream.state().schema();
    List<Field> fields = new ArrayList<>(now.fields());
    fields.add(added);
    new StreamControl(stream)
        .commit(
            new Action.AddSchema(
                new StreamSchema(now.id() + 1, fields, now.sequence(), now.boundaries())));
  }

  private List<StepRecord> steps() throws IOException {
    return Sparks.steps(Path.of(query.root()));
  }

  private List<Path> bundles() throws IOException {
    return Sparks.bundles(Path.of(query.root()));
  }
}
