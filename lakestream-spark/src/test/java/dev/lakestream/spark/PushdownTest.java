// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the log can judge is judged before anything is fetched: conditions on places, limits, and
 * aggregates. The stream has three commits of one bundle each: steps 0 and 1 of {@code a}, 2 and 3
 * of {@code b}, 4 of {@code a}; a step has four slots of two rows each, and row i has id i.
 */
class PushdownTest {
  @TempDir private static Path folder;

  @BeforeAll
  static void write() {
    writeTo(root());
  }

  private static void writeTo(Path root) {
    write(root, "a", 0, 16);
    write(root, "b", 16, 32);
    write(root, "a", 32, 40);
  }

  private static void write(Path root, String producer, long from, long to) {
    Sparks.write(Sparks.session().range(from, to, 1, 1).toDF("id"), 8, 4)
        .option("producer", producer)
        .save(root.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          _step = 2                               |  8 | 1
          _step >= 4                              |  8 | 1
          4 <= _step                              |  8 | 1
          _step IN (0, 4)                         | 16 | 2
          _step BETWEEN 1 AND 2                   | 16 | 2
          NOT (_step < 2 OR _step > 3)            | 16 | 1
          _step <> 2                              | 32 | 3
          _step = 7                               |  0 | 0
          _slot = 1                               | 10 | 3
          _slot IN (0, 3)                         | 20 | 6
          _slot < 4                               | 40 | 3
          _step = 3 AND _slot >= 2                |  4 | 1
          _step = 0 OR _slot = 0                  | 16 | 4
          _producer = 'b'                         | 16 | 1
          _producer IN ('b', 'c')                 | 16 | 1
          _producer <> 'b'                        | 24 | 2
          _producer LIKE 'b%'                     | 16 | 1
          _version = 3                            | 16 | 1
          _version < 3                            | 16 | 1
          _version IS NULL                        |  0 | 0
          _committed IS NOT NULL                  | 40 | 3
          _committed < timestamp'2020-01-01'      |  0 | 0
          _committed > timestamp'2020-01-01'      | 40 | 3
          """)
  void aConditionOnPlacesFetchesWhatMeetsIt(String condition, long rows, long ranges) {
    Dataset<Row> found = read().where(condition).select("id");
    assertThat(found.collectAsList()).hasSize((int) rows);
    assertThat(Scans.of(found).requests()).isEqualTo(ranges);
    assertThat(found.queryExecution().optimizedPlan().toString()).doesNotContain("Filter");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "_step % 2 = 0",
        "_step = 1 AND id % 2 = 0",
        "_step = 1 OR id = 39",
        "_step < id - 20",
        "_slot + _step = 3",
        "length(_producer) = 1 AND _slot <> 2",
        "_step IN (1, NULL)",
        "NOT (_step IN (1, NULL))",
        "_producer > 'a'",
        "_step <=> 3",
        "_slot IS NOT NULL AND _step > -1",
      })
  void anyConditionMeansWhatItMeansToSpark(String condition) {
    List<Long> all =
        Sparks.longs(
            read().selectExpr("id", condition + " AS met").where("met").select("id").orderBy("id"));
    List<Long> byHand =
        Sparks.session()
            .createDataFrame(
                read()
                    .select("id", "_step", "_slot", "_producer", "_version", "_committed")
                    .collectAsList(),
                read()
                    .select("id", "_step", "_slot", "_producer", "_version", "_committed")
                    .schema())
            .where(condition)
            .select("id")
            .orderBy("id")
            .collectAsList()
            .stream()
            .map(row -> row.getLong(0))
            .toList();
    assertThat(Sparks.longs(read().where(condition).select("id").orderBy("id")))
        .isEqualTo(byHand)
        .isEqualTo(all);
  }

  @Test
  void aConditionOnTimeFetchesWhatWasCommittedThen() throws Exception {
    LakeStream stream = Sparks.stream(root());
    Timestamp second = Timestamp.from(Instant.ofEpochMilli(stream.groupOf(2).time()));
    long after =
        Stream.of(0L, 2L, 4L).filter(step -> time(stream, step) > second.getTime()).count();
    Dataset<Row> later = read().where("_committed > timestamp'" + second.toInstant() + "'");
    assertThat(Scans.of(later).requests()).isEqualTo(after);
    Dataset<Row> then =
        read().where("_committed = timestamp'" + second.toInstant() + "'").select("_step");
    assertThat(Sparks.longs(then)).contains(2L, 3L);
  }

  private static long time(LakeStream stream, long step) {
    try {
      return stream.groupOf(step).time();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void whatIsNotNeededNeedNotBeThere() throws Exception {
    Path root = folder.resolve("damaged");
    writeTo(root);
    Files.delete(bundleOfStep(root, 4));
    Files.delete(bundleOfStep(root, 0));
    assertThat(Sparks.longs(Sparks.read(root).where("_step = 2").select("id"))).hasSize(8);
    assertThat(Sparks.read(root).count()).isEqualTo(40);
  }

  @Test
  void aLimitFetchesAsManySlotsAsItNeeds() {
    assertThat(Sparks.longs(read().select("id").limit(3))).containsExactly(0L, 1L, 2L);
    Scans scans = Scans.of(read().select("id").limit(3));
    assertThat(scans.metric("lakestreamSteps")).isOne();
    assertThat(scans.requests()).isLessThanOrEqualTo(2);
  }

  @Test
  void aLimitOverSlotsOrConditionsIsKept() {
    assertThat(read().where("_slot = 3").limit(9).collectAsList()).hasSize(9);
    assertThat(read().where("id % 8 = 7").limit(4).collectAsList()).hasSize(4);
    assertThat(read().limit(100).collectAsList()).hasSize(40);
    assertThat(read().limit(0).collectAsList()).isEmpty();
    assertThat(read().offset(38).limit(5).collectAsList()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          count(*)                                              |                       | [40]
          count(id)                                             |                       | [40]
          count(1)                                              | _producer = 'b'       | [16]
          count(_version)                                       | _step >= 1            | [32]
          count(DISTINCT _step)                                 |                       | [5]
          min(_step), max(_step)                                |                       | [0,4]
          min(_step), max(_step), count(*)                      | _version = 3          | [2,3,16]
          min(_version), max(_version)                          | _step > 0             | [1,5]
          count(*), min(_step)                                  | _step > 99            | [0,null]
          max(_step) - min(_step) + count(*)                    |                       | [44]
          min(_committed) <= max(_committed)                    |                       | [true]
          """)
  void theIndexAnswers(String aggregates, String condition, String answer) {
    Dataset<Row> asked = aggregate(aggregates, condition);
    assertThat(asked.collectAsList()).singleElement().hasToString(answer);
    assertThat(Scans.of(asked).count()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          count(*)                     | _slot = 1             | [10]
          count(*)                     | id < 5                | [5]
          count(DISTINCT _slot)        |                       | [4]
          min(_slot), max(_slot)       |                       | [0,3]
          min(_producer)               |                       | [a]
          max(id)                      |                       | [39]
          sum(_step)                   |                       | [80]
          count(*), max(id)            |                       | [40,39]
          """)
  void whatTheIndexDoesNotKnowIsRead(String aggregates, String condition, String answer) {
    Dataset<Row> asked = aggregate(aggregates, condition);
    assertThat(asked.collectAsList()).singleElement().hasToString(answer);
    assertThat(Scans.of(asked).count()).isOne();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          _step, count(*)                          | _step                  | [[0,8], [1,8], [2,8], [3,8], [4,8]]
          _producer, count(DISTINCT _step)         | _producer              | [[a,3], [b,2]]
          min(_step), max(_step), count(*)         | _version, _producer    | [[0,1,16], [2,3,16], [4,4,8]]
          _committed IS NULL                       | _step, _committed      | [[false], [false], [false], [false], [false]]
          """)
  void theIndexAnswersForEachGroup(String aggregates, String keys, String answer) {
    Dataset<Row> asked = aggregate(aggregates, "_step >= 0 GROUP BY " + keys + " ORDER BY 1");
    assertThat(asked.collectAsList()).hasToString(answer);
    assertThat(Scans.of(asked).count()).isZero();
    assertThat(aggregate(aggregates, "_step > 99 GROUP BY " + keys).collectAsList()).isEmpty();
  }

  @Test
  void groupsThatTheIndexDoesNotKnowAreRead() {
    Dataset<Row> slots = read().groupBy("_slot").count().orderBy("_slot");
    assertThat(slots.collectAsList()).hasToString("[[0,10], [1,10], [2,10], [3,10]]");
    assertThat(Scans.of(slots).count()).isOne();
    Dataset<Row> parts = read().where("_slot = 1").groupBy("_step").count().orderBy("_step");
    assertThat(parts.collectAsList()).hasToString("[[0,2], [1,2], [2,2], [3,2], [4,2]]");
    assertThat(Scans.of(parts).count()).isOne();
  }

  @Test
  void statisticsAreThoseOfWhatIsLeft() {
    assertThat(read().where("_step = 2").queryExecution().optimizedPlan().stats().rowCount().get())
        .hasToString("8");
    assertThat(read().where("_slot = 2").queryExecution().optimizedPlan().stats().rowCount().get())
        .hasToString("10");
    assertThat(bytes(read().where("_step = 2")))
        .isPositive()
        .isLessThan(bytes(read().where("_step >= 2")))
        .isLessThan(bytes(read()) / 2);
  }

  private static long bytes(Dataset<Row> rows) {
    return rows.queryExecution().optimizedPlan().stats().sizeInBytes().toLong();
  }

  @Test
  void aScanSaysWhatItFetches() throws Exception {
    Scans scans = Scans.of(read());
    assertThat(scans.areColumnar()).isTrue();
    assertThat(scans.metric("lakestreamSteps")).isEqualTo(5);
    assertThat(scans.metric("lakestreamCells")).isEqualTo(20);
    long bytes = 0;
    for (long step : List.of(0L, 2L, 4L)) {
      bytes += Files.size(bundleOfStep(root(), step));
    }
    assertThat(scans.metric("lakestreamBytes")).isBetween(bytes / 2, bytes);
    assertThat(read().where("_step = 2").queryExecution().executedPlan().toString())
        .contains("pushed: [_step = 2");
  }

  private static Dataset<Row> aggregate(String aggregates, String condition) {
    read()
        .select("id", "_step", "_slot", "_producer", "_version", "_committed")
        .createOrReplaceTempView("stream");
    return Sparks.session()
        .sql(
            "SELECT "
                + aggregates
                + " FROM stream"
                + (condition == null ? "" : " WHERE " + condition));
  }

  private static Path bundleOfStep(Path root, long step) throws IOException {
    return root.resolve(
        Sparks.stream(root).groupOf(step).sources(step).get(0).bundle().key().value());
  }

  private static Dataset<Row> read() {
    return Sparks.read(root());
  }

  private static Path root() {
    return folder.resolve("stream");
  }
}
