// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.StepRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows in the order of the DataFrame, and rows that say where they belong. */
class RowOrderTest {
  @TempDir private Path folder;

  /** Partitions of all sizes: empty, less than a slot, across slots, across steps. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void orderedRowsAreInOrderWhateverTheirPartitions(long seed) throws Exception {
    Random random = new Random(seed);
    List<Integer> sizes = new ArrayList<>();
    for (int partition = 0; partition < 12; partition++) {
      sizes.add(random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(120));
    }
    long all = sizes.stream().mapToInt(Integer::intValue).sum();
    ordered(partitions(sizes), 24, 4).option("bundleSize", "2KB").save(root().toString());
    assertThat(inOrder()).containsExactlyElementsOf(LongStream.range(0, all).boxed().toList());
    assertThat(Sparks.steps(root()).stream().mapToLong(StepRecord::rows).limit(all / 24))
        .containsOnly(24L);
    assertThat(Sparks.steps(root())).hasSize((int) ((all + 23) / 24));
  }

  @Test
  void noRowsAtAllAreInOrder() throws Exception {
    ordered(Sparks.session().range(0).toDF(), 8, 4).save(root().toString());
    ordered(Sparks.session().range(8).toDF().limit(0), 8, 4).save(root().toString());
    assertThat(Sparks.steps(root())).isEmpty();
  }

  @Test
  void aSortRunsOnce() throws Exception {
    LongAccumulator computed = Sparks.session().sparkContext().longAccumulator("computed");
    MapPartitionsFunction<Long, Long> pass =
        ids -> {
          List<Long> counted = new ArrayList<>();
          ids.forEachRemaining(
              id -> {
                computed.add(1);
                counted.add(id);
              });
          return counted.iterator();
        };
    Dataset<Row> sorted =
        Sparks.session()
            .range(0, 100, 1, 3)
            .as(Encoders.LONG())
            .mapPartitions(pass, Encoders.LONG())
            .toDF("id")
            .orderBy(col("id").desc());
    ordered(sorted, 8, 4).option("remainder", "drop").save(root().toString());
    assertThat(inOrder())
        .containsExactlyElementsOf(LongStream.range(0, 96).map(row -> 99 - row).boxed().toList());
    // Once to sample the ranges of the sort, once to sort; not again to write what was counted.
    assertThat(computed.value()).isLessThanOrEqualTo(200);
  }

  /** Whoever plans the write: the rows are counted on the way to the tasks. */
  @Test
  void everyWayToWriteKeepsTheOrder() throws Exception {
    Lake lake = Lake.at(folder);
    lake.sql("CREATE TABLE lake.stream (id BIGINT) TBLPROPERTIES (slots=4, globalBatchSize=8)");
    String insert = "INSERT INTO lake.stream WITH (order='ordered', remainder='drop') ";
    Sparks.session().range(0, 100, 1, 7).createOrReplaceTempView("numbers");
    lake.sql(insert + "SELECT id FROM numbers ORDER BY id DESC");
    List<Long> sorted = LongStream.range(0, 96).map(row -> 99 - row).boxed().toList();
    assertThat(inOrder()).containsExactlyElementsOf(sorted);
    String explained =
        lake.sql("EXPLAIN " + insert + "SELECT id FROM numbers ORDER BY id DESC").toString();
    assertThat(explained).contains("LakestreamCountRows");

    partitions(List.of(3, 0, 11, 1, 1))
        .writeTo(lake.named("lake.stream"))
        .option("order", "ordered")
        .append();
    assertThat(inOrder().subList(96, 112))
        .containsExactlyElementsOf(LongStream.range(0, 16).boxed().toList());

    lake.sql(
        "CREATE TABLE lake.made TBLPROPERTIES (slots=4, globalBatchSize=8, order='ordered')"
            + " AS SELECT id FROM numbers ORDER BY id DESC");
    assertThat(Sparks.longs(Sparks.read(folder.resolve("made")).select("id")))
        .containsExactlyElementsOf(LongStream.range(0, 100).map(row -> 99 - row).boxed().toList());
    lake.sql("INSERT INTO lake.made SELECT id FROM numbers LIMIT 0");
    assertThat(Sparks.steps(folder.resolve("made"))).hasSize(13);
  }

  @Test
  void anOrderedJobIsWrittenOnceBySqlToo() throws Exception {
    Lake lake = Lake.at(folder);
    lake.sql("CREATE TABLE lake.stream (id BIGINT) TBLPROPERTIES (slots=4, globalBatchSize=8)");
    String insert =
        "INSERT INTO lake.stream WITH (order='ordered', jobId='once', jobVersion=1) SELECT id FROM"
            + " range(0, 16, 1, 3)";
    lake.sql(insert);
    lake.sql(insert);
    assertThat(inOrder()).containsExactlyElementsOf(LongStream.range(0, 16).boxed().toList());
  }

  @Test
  void aPartitionThatChangesItsLengthIsRefused() {
    AtomicInteger runs = Runs.COUNT;
    runs.set(0);
    MapPartitionsFunction<Long, Long> fickle =
        ids -> {
          List<Long> all = new ArrayList<>();
          ids.forEachRemaining(all::add);
          if (Runs.COUNT.incrementAndGet() > 2) {
            all.remove(0);
          }
          return all.iterator();
        };
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 40, 1, 2)
            .as(Encoders.LONG())
            .mapPartitions(fickle, Encoders.LONG())
            .toDF("id");
    assertThatThrownBy(() -> ordered(rows, 8, 4).save(root().toString()))
        .rootCause()
        .hasMessageContaining("had 20 rows when they were counted, and has 19 now")
        .hasMessageContaining("persist");
  }

  /** What tasks of one JVM have in common. */
  private static final class Runs {
    static final AtomicInteger COUNT = new AtomicInteger();
  }

  @Test
  void explicitStepsTakeTheirRowsFromAllPartitions() throws Exception {
    Dataset<Row> rows = Sparks.session().range(0, 80, 1, 5).selectExpr("id", "id % 10 as _step");
    explicit(rows, 8, 4).save(root().toString());
    explicit(rows.withColumn("_step", col("_step").plus(10)), 8, 4).save(root().toString());
    List<Row> read =
        Sparks.read(root()).select("_step", "id").orderBy("_step", "id").collectAsList();
    assertThat(read).hasSize(160).allMatch(row -> row.getLong(1) % 10 == row.getLong(0) % 10);
    assertThat(Sparks.steps(root())).hasSize(20).allMatch(step -> step.rows() == 8);
    assertThat(Sparks.read(root()).schema().fieldNames()).containsExactly("id");
  }

  /** Slots may be of any length, and empty; bundles of one slot are as good as of many. */
  @ParameterizedTest
  @CsvSource({"64MB, arrow", "1, arrow", "64MB, parquet", "1, parquet"})
  void explicitSlotsMayDifferInLength(String bundleSize, String format) throws Exception {
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 30, 1, 3)
            .selectExpr(
                "id",
                "id div 6 as _step",
                "cast(case id % 6 when 0 then 1 when 5 then 3 else 2 end as int) as _slot");
    explicit(rows, 8, 4)
        .option("bundleSize", bundleSize)
        .option("bundleFormat", format)
        .save(root().toString());
    List<Row> read = Sparks.read(root()).select("_step", "_slot", "id").collectAsList();
    assertThat(read)
        .hasSize(30)
        .allMatch(row -> row.getLong(0) == row.getLong(2) / 6)
        .allMatch(row -> row.getInt(1) == slot(row.getLong(2) % 6));
    assertThat(Sparks.steps(root())).hasSize(5).allMatch(step -> step.rows() == 6);
  }

  private static int slot(long place) {
    return place == 0 ? 1 : place == 5 ? 3 : 2;
  }

  @Test
  void stepsThatAreMissingOrWrongAreNamed() throws Exception {
    Dataset<Row> rows = Sparks.session().range(0, 80, 1, 5).selectExpr("id", "id % 10 as _step");
    refused(rows.where("_step not in (4, 5)"), "no row has _step = 4 to 5");
    refused(rows.where("id != 13"), "step 3 has 7 rows, globalBatchSize is 8", "_slot");
    refused(
        rows.union(Sparks.session().range(1).selectExpr("id", "7L as _step")),
        "step 7 has more than globalBatchSize = 8 rows");
    refused(rows.withColumn("_step", col("_step").plus(1)), "first _step is 1", "is 0");
    refused(rows.selectExpr("id", "if(id = 5, null, _step) as _step"), "is null");
    refused(rows.selectExpr("id", "_step - 1 as _step"), "is -1");
    refused(rows.selectExpr("id", "_step", "4 as _slot"), "'_slot'", "is 4", "0 to 3");
    assertThat(Sparks.steps(root())).isEmpty();
    assertThat(Sparks.stream(root()).producers()).allMatch(producer -> producer.retired());
  }

  @Test
  void columnsThatSayThePlaceAreChecked() {
    Dataset<Row> rows = Sparks.session().range(0, 80, 1, 5).toDF();
    refused(rows, "no column '_step'", "[id]");
    refused(rows.selectExpr("id", "'a' as _step"), "'_step' has the type STRING", "BIGINT");
    refused(rows.selectExpr("id", "id as _step", "id as _slot"), "'_slot'", "INT");
    assertThatThrownBy(
            () -> explicit(rows, 8, 4).option("remainder", "pad").save(root().toString()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("'remainder' has no meaning");
    assertThatThrownBy(() -> write(rows, 8, 4, "sorted").save(root().toString()))
        .hasMessageContaining("[unordered, ordered, explicit]");
  }

  private void refused(Dataset<Row> rows, String... words) {
    assertThatThrownBy(() -> explicit(rows, 8, 4).save(root().toString()))
        .satisfies(
            error -> {
              Throwable cause = error;
              while (cause.getCause() != null) {
                cause = cause.getCause();
              }
              assertThat(cause)
                  .isInstanceOf(InvalidRequestException.class)
                  .message()
                  .contains(words);
            });
  }

  private List<Long> inOrder() {
    return Sparks.longs(
        Sparks.read(root())
            .selectExpr("id", "_step", "_slot", "monotonically_increasing_id() as place")
            .orderBy("_step", "_slot", "place")
            .select("id"));
  }

  /** Partitions of these sizes with consecutive ids. */
  private static Dataset<Row> partitions(List<Integer> sizes) {
    MapPartitionsFunction<Long, Long> fill =
        numbers -> {
          List<Long> ids = new ArrayList<>();
          numbers.forEachRemaining(
              number -> {
                long start = sizes.subList(0, number.intValue()).stream().mapToInt(n -> n).sum();
                for (int row = 0; row < sizes.get(number.intValue()); row++) {
                  ids.add(start + row);
                }
              });
          return ids.iterator();
        };
    return Sparks.session()
        .range(0, sizes.size(), 1, sizes.size())
        .as(Encoders.LONG())
        .mapPartitions(fill, Encoders.LONG())
        .toDF("id");
  }

  private static DataFrameWriter<Row> ordered(Dataset<Row> rows, int batch, int slots) {
    return write(rows, batch, slots, "ordered");
  }

  private static DataFrameWriter<Row> explicit(Dataset<Row> rows, int batch, int slots) {
    return write(rows, batch, slots, "explicit");
  }

  private static DataFrameWriter<Row> write(Dataset<Row> rows, int batch, int slots, String order) {
    return Sparks.write(rows, batch, slots).option("order", order);
  }

  private Path root() {
    return folder.resolve("stream");
  }
}
