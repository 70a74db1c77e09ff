// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.log.StepRecord;
import dev.lakestream.spark.prepare.Mixture;
import dev.lakestream.spark.prepare.Pack;
import dev.lakestream.spark.prepare.Prepare;
import dev.lakestream.spark.prepare.Tokenize;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The functions that prepare rows, in Spark and on their way to a stream. */
class PrepareTest {
  @TempDir private Path folder;
  private SparkSession spark;

  @BeforeEach
  void register() {
    spark = Sparks.session();
  }

  @Test
  void callsThatCanNotBeAreRefused() {
    assertThatThrownBy(() -> spark.sql("SELECT ls_tokenize('text')"))
        .hasMessageContaining("ls_tokenize has 2 arguments, and was given 1");
    Prepare.register(spark.newSession());
  }

  @Test
  void textBecomesTokens() {
    assertThat(
            spark
                .sql("SELECT ls_tokenize('hello world', 'cl100k_base'), ls_tokenize(null, 'x')")
                .collectAsList()
                .get(0))
        .satisfies(row -> assertThat(row.<Integer>getList(0)).containsExactly(15339, 1917))
        .satisfies(row -> assertThat(row.isNullAt(1)).isTrue());
    assertThat(Tokenize.encode("<|endoftext|>", "cl100k_base")).hasSizeGreaterThan(1);
    assertThatThrownBy(() -> Tokenize.encode("x", "no_base"))
        .hasMessageContaining("no encoding 'no_base'")
        .hasMessageContaining("o200k_base");
  }

  /** The example of docs/prepare.md. */
  @Test
  void documentsBecomeSequencesInAStream() throws Exception {
    spark
        .range(0, 50, 1, 3)
        .selectExpr("id", "concat('document ', id, repeat(' and more', int(id % 7))) as text")
        .createOrReplaceTempView("documents");
    Dataset<Row> sequences =
        spark.sql(
            """
            SELECT inline(ls_pack(
                sort_array(collect_list(struct(id, tokens))), 16, 0, 'best_fit'))
            FROM (SELECT id, ls_tokenize(text, 'cl100k_base') AS tokens FROM documents)
            GROUP BY id % 4
            """);
    Path root = folder.resolve("stream");
    sequences
        .write()
        .format("lakestream")
        .option("globalBatchSize", 4)
        .option("slots", 2)
        .option("fixedLength.tokens", 16)
        .option("boundaries", "documents")
        .mode("append")
        .save(root.toString());
    Dataset<Row> read = Sparks.read(root);
    long packed =
        read.selectExpr(
                "aggregate(zip_with(document_ids, sequence(0, size(document_ids) - 1), (id, i) ->"
                    + " if(id < 0, 0, documents[i + 1] - documents[i])), 0, (a, b) -> a + b) as n")
            .agg(Map.of("n", "sum"))
            .first()
            .getLong(0);
    long tokens =
        spark
            .sql("SELECT sum(size(ls_tokenize(text, 'cl100k_base'))) FROM documents")
            .first()
            .getLong(0);
    assertThat(packed).isEqualTo(tokens);
    assertThat(
            Sparks.longs(
                read.selectExpr("explode(document_ids) as id").where("id >= 0").orderBy("id")))
        .isEqualTo(LongStream.range(0, 50).boxed().toList());
  }

  /** As PySpark registers them. */
  @Test
  void functionsCanBeRegisteredByTheirClasses() {
    spark.udf().registerJava("tok", Tokenize.class.getName(), DataType.fromDDL(Tokenize.TYPE));
    spark.udf().registerJava("pack", Pack.class.getName(), DataType.fromDDL(Pack.TYPE));
    Row row =
        spark
            .sql(
                "SELECT inline(pack(array(struct(1L as id, tok('a b c', 'p50k_base') as t)), 4, 9,"
                    + " 'greedy'))")
            .first();
    assertThat(row.<Long>getList(2)).containsExactly(1L, -1L);
    assertThat(row.<Integer>getList(0)).endsWith(9);
  }

  @Test
  void aShuffleDependsOnTheSeedAndNotOnPartitions() {
    List<Long> first = shuffled(1000, 1, 3);
    assertThat(first).isEqualTo(shuffled(1000, 7, 3)).isNotEqualTo(shuffled(1000, 1, 4));
    assertThat(first).isNotEqualTo(first.stream().sorted().toList());
    assertThat(first.stream().sorted()).isEqualTo(LongStream.range(0, 1000).boxed().toList());
    assertThatThrownBy(() -> Prepare.shuffle(spark.range(3).toDF(), 1))
        .hasMessageContaining("name the columns");
  }

  @Test
  void quotasSumUpToAStep() {
    Mixture mixture =
        Mixture.of(10, 1).with("a", ids(5, 1), 0.5, "id").with("b", ids(5, 1), 0.3, "id");
    assertThat(mixture.quotas()).isEqualTo(Map.of("a", 6, "b", 4));
    assertThat(mixture.with("c", ids(5, 1), 0.2, "id").quotas())
        .isEqualTo(Map.of("a", 5, "b", 3, "c", 2));
    assertThatThrownBy(() -> mixture.with("d", ids(5, 1), 0.001, "id").quotas())
        .hasMessageContaining("source 'd' would have no row in a step of 10");
    assertThatThrownBy(() -> mixture.with("a", ids(5, 1), 1, "id"))
        .hasMessageContaining("two sources 'a'");
    assertThatThrownBy(() -> mixture.with("e", ids(5, 1), -1, "id"))
        .hasMessageContaining("weight -1.0");
    assertThatThrownBy(() -> Mixture.of(4, 1).rows()).hasMessageContaining("needs a source");
  }

  @Test
  void everyStepHasItsQuotaOfEachSource() throws Exception {
    List<Row> mixed = mixture(2).rows().collectAsList();
    assertThat(mixed).isEqualTo(mixture(5).rows().collectAsList()).hasSize(7 * 10);
    Path root = folder.resolve("stream");
    mixture(3)
        .rows()
        .write()
        .format("lakestream")
        .option("globalBatchSize", 10)
        .option("slots", 5)
        .option("order", "explicit")
        .option("sourceColumn", Mixture.SOURCE)
        .mode("append")
        .save(root.toString());
    assertThat(Sparks.steps(root))
        .hasSize(7)
        .extracting(StepRecord::sources)
        .containsOnly(Map.of("web", 7L, "code", 3L));
    assertThat(Sparks.longs(Sparks.read(root).where("source = 'web'").select("id")))
        .doesNotHaveDuplicates()
        .hasSize(49);
  }

  @Test
  void aMixtureIsASourceToo() {
    ids(50, 2).createOrReplaceTempView("web_rows");
    ids(100, 3).createOrReplaceTempView("code_rows");
    spark.sql(
        "CREATE OR REPLACE TEMPORARY VIEW mixed USING lakestream_mixture OPTIONS"
            + " (globalBatchSize 10, seed 9, 'web.table' 'web_rows', 'web.weight' 0.7,"
            + " 'web.identity' 'id', 'code.table' 'code_rows', 'code.weight' 0.3,"
            + " 'code.identity' 'id')");
    assertThat(
            spark
                .sql("SELECT _step, count_if(source = 'web'), count(*) FROM mixed GROUP BY 1")
                .collectAsList())
        .hasSize(7)
        .allMatch(row -> row.getLong(1) == 7 && row.getLong(2) == 10);
    assertThat(Set.copyOf(spark.table("mixed").collectAsList()))
        .isEqualTo(Set.copyOf(mixture(4).rows().collectAsList()));
    var source = spark.read().format("lakestream_mixture").option("globalBatchSize", 10);
    assertThatThrownBy(source::load).hasMessageContaining("needs a source");
    assertThatThrownBy(() -> source.option("web.table", "web_rows").load())
        .hasMessageContaining("'web.weight' of the mixture is missing");
    assertThatThrownBy(
            () ->
                source
                    .option("web.weight", "1")
                    .option("web.identity", "id")
                    .option("sead", 1)
                    .load())
        .hasMessageContaining("no options [sead]");
  }

  /** 50 rows of one source and 100 of another, in steps of ten: the first one is enough for 7. */
  private Mixture mixture(int partitions) {
    return Mixture.of(10, 9)
        .with("web", ids(50, partitions), 0.7, "id")
        .with("code", ids(100, partitions), 0.3, "id");
  }

  private List<Long> shuffled(long rows, int partitions, long seed) {
    return Sparks.longs(Prepare.shuffle(ids(rows, partitions), seed, "id"));
  }

  private Dataset<Row> ids(long rows, int partitions) {
    return spark.range(0, rows, 1, partitions).toDF("id");
  }
}
