// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.log.StepRecord;
import dev.lakestream.retention.Pins;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.stream.LakeStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams as tables of a catalog, in SQL and by DataFrames. */
class CatalogTest {
  private static final String PROPERTIES =
      " TBLPROPERTIES (slots=2, globalBatchSize=4, 'fixedLength.tokens'=8, sequence='tokens')";

  @TempDir private Path folder;
  private Lake lake;

  @BeforeEach
  void open() {
    lake = Lake.at(folder);
  }

  private void create() {
    lake.sql(
        "CREATE TABLE lake.ns.corpus (id BIGINT, tokens ARRAY<INT>) USING lakestream COMMENT 'all'"
            + PROPERTIES);
  }

  private void insert(int rows) {
    lake.sql(
        "INSERT INTO lake.ns.corpus SELECT id, transform(sequence(0, 7), i -> cast(id + i AS INT))"
            + " FROM range(0, "
            + rows
            + ", 1, 1)");
  }

  @Test
  void aTableIsAStreamWithWhatWasSaidOfIt() throws Exception {
    create();
    LakeStream stream = Sparks.stream(lake.path("ns/corpus"));
    StreamSchema schema = stream.state().schema();
    assertThat(schema.sequence()).containsExactly("tokens");
    assertThat(schema.field("tokens").orElseThrow().type())
        .isInstanceOfSatisfying(
            ColumnType.FixedSizeList.class, list -> assertThat(list.size()).isEqualTo(8));
    assertThat(stream.state().defaults().slots()).isEqualTo(2);
    assertThat(lake.sql("DESCRIBE lake.ns.corpus"))
        .contains("[id,bigint,null]", "[tokens,array<int>,null]");
    assertThat(String.join("\n", lake.sql("DESCRIBE EXTENDED lake.ns.corpus")))
        .contains("globalBatchSize=4", "slots=2", "all", lake.path("ns").toString());
    assertThatThrownBy(this::create).hasMessageContaining("already exists");
    lake.sql("CREATE TABLE IF NOT EXISTS lake.ns.corpus (id BIGINT)");
  }

  @Test
  void anInsertNeedsNothingMore() throws Exception {
    create();
    insert(8);
    insert(6);
    assertThat(lake.sql("SELECT count(*), count(DISTINCT _step) FROM lake.ns.corpus"))
        .containsExactly("[14,4]");
    assertThat(lake.sql("SELECT id, tokens[7] FROM lake.ns.corpus WHERE _step = 1 ORDER BY id"))
        .containsExactly("[4,11]", "[5,12]", "[6,13]", "[7,14]");
    assertThat(Sparks.steps(lake.path("ns/corpus")).stream().map(StepRecord::rows))
        .containsExactly(4L, 4L, 4L, 2L);
  }

  @Test
  void aStatementHasOptionsOfItsOwn() throws Exception {
    create();
    lake.sql(
        "INSERT INTO lake.ns.corpus WITH (globalBatchSize=2, producer='mine')"
            + " SELECT id, array_repeat(1, 8) FROM range(0, 4, 1, 1)");
    assertThat(Sparks.steps(lake.path("ns/corpus")).stream().map(StepRecord::rows))
        .containsExactly(2L, 2L);
    assertThat(lake.sql("SELECT DISTINCT _producer FROM lake.ns.corpus")).containsExactly("[mine]");
    assertThat(lake.sql("SELECT DISTINCT _step FROM lake.ns.corpus WITH (startStep=1)"))
        .containsExactly("[1]");
    assertThatThrownBy(() -> lake.sql("SELECT * FROM lake.ns.corpus WITH (startSetp=1)"))
        .hasMessageContaining("option 'startSetp' is unknown");
  }

  @Test
  void aCatalogHasDefaults() throws Exception {
    lake.set(".globalBatchSize", "4");
    lake.sql("CREATE TABLE lake.plain (id BIGINT) TBLPROPERTIES (slots=2)");
    lake.sql("INSERT INTO lake.plain SELECT id FROM range(0, 8, 1, 1)");
    assertThat(Sparks.steps(lake.path("plain"))).hasSize(2);
  }

  @Test
  void aTableAsSelected() throws Exception {
    lake.sql(
        "CREATE TABLE lake.made TBLPROPERTIES (slots=2, globalBatchSize=4)"
            + " AS SELECT id FROM range(0, 8, 1, 1)");
    assertThat(lake.sql("SELECT max(_step), count(*) FROM lake.made")).containsExactly("[1,8]");
    assertThatThrownBy(
            () ->
                lake.sql(
                    "CREATE TABLE lake.failed TBLPROPERTIES (slots=2, globalBatchSize=4)"
                        + " AS SELECT raise_error('no') AS id FROM range(4)"))
        .isNotNull();
    assertThat(lake.sql("SHOW TABLES IN lake")).hasSize(1);
  }

  @Test
  void dataFramesAreWrittenToTables() throws Exception {
    String table = lake.named("lake.frames");
    Sparks.rows(8, 1)
        .writeTo(table)
        .using("lakestream")
        .tableProperty("slots", "2")
        .tableProperty("globalBatchSize", "4")
        .create();
    Sparks.rows(8, 1).writeTo(table).option("globalBatchSize", "2").append();
    Sparks.rows(4, 1).write().insertInto(table);
    assertThat(Sparks.steps(lake.path("frames"))).hasSize(7);
    assertThat(Sparks.session().read().option("endStep", 2).table(table).count()).isEqualTo(8);
    assertThatThrownBy(() -> Sparks.rows(4, 1).write().mode("overwrite").insertInto(table))
        .hasMessageContaining("can't be overwritten");
    assertThatThrownBy(() -> lake.sql("INSERT OVERWRITE lake.frames SELECT 1L, array(1)"))
        .hasMessageContaining("can't be overwritten");
  }

  @Test
  void timeTravel() {
    create();
    insert(8);
    long version = (Long) lake.rows("SELECT max(_version) FROM lake.ns.corpus").get(0).get(0);
    insert(4);
    String count = "SELECT count(*) FROM lake.ns.corpus ";
    assertThat(lake.sql(count + "VERSION AS OF " + version)).containsExactly("[8]");
    assertThat(lake.sql(count + "TIMESTAMP AS OF '2999-01-01'")).containsExactly("[12]");
    assertThatThrownBy(() -> lake.sql(count + "TIMESTAMP AS OF '2001-01-01'"))
        .hasMessageContaining("was created");
    assertThatThrownBy(() -> lake.sql(count + "VERSION AS OF 99"))
        .hasMessageContaining("has no version 99");
    assertThat(
            Sparks.session()
                .read()
                .option("versionAsOf", version)
                .table(lake.named("lake.ns.corpus"))
                .count())
        .isEqualTo(8);
  }

  @Test
  void columnsAreAdded() {
    create();
    insert(4);
    lake.sql("ALTER TABLE lake.ns.corpus ADD COLUMN score FLOAT");
    lake.sql("INSERT INTO lake.ns.corpus SELECT 9L, array_repeat(1, 8), 0.5F FROM range(4)");
    assertThat(lake.sql("SELECT DISTINCT _step, score FROM lake.ns.corpus ORDER BY _step"))
        .containsExactly("[0,null]", "[1,0.5]");
    assertThatThrownBy(() -> lake.sql("ALTER TABLE lake.ns.corpus ADD COLUMN x INT FIRST"))
        .hasMessageContaining("added at the end");
    assertThatThrownBy(() -> lake.sql("ALTER TABLE lake.ns.corpus DROP COLUMN score"))
        .hasMessageContaining("what is there never changes");
    assertThatThrownBy(() -> lake.sql("ALTER TABLE lake.ns.corpus RENAME TO lake.ns.other"))
        .hasMessageContaining("can't be renamed");
  }

  @Test
  void propertiesAreKept() throws Exception {
    create();
    lake.sql("ALTER TABLE lake.ns.corpus SET TBLPROPERTIES (globalBatchSize=2)");
    insert(4);
    assertThat(Sparks.steps(lake.path("ns/corpus"))).hasSize(2);
    lake.sql("ALTER TABLE lake.ns.corpus UNSET TBLPROPERTIES (globalBatchSize)");
    assertThatThrownBy(() -> insert(4)).hasMessageContaining("'globalBatchSize' is missing");
    for (String refused : List.of("globalBtachSize=2", "'s3.secret'='x'", "slots=4")) {
      assertThatThrownBy(
              () -> lake.sql("ALTER TABLE lake.ns.corpus SET TBLPROPERTIES (" + refused + ")"))
          .hasMessageContaining(refused.replaceAll("[='].*$|^'", "").replaceAll("'.*", ""));
    }
  }

  @Test
  void foldersAreNamespaces() {
    create();
    lake.sql("CREATE TABLE lake.top (id BIGINT) TBLPROPERTIES (slots=2)");
    lake.sql("CREATE NAMESPACE lake.empty");
    assertThat(lake.sql("SHOW NAMESPACES IN lake")).containsExactly("[empty]", "[ns]");
    assertThat(lake.sql("SHOW TABLES IN lake.ns")).containsExactly("[ns,corpus,false]");
    assertThat(lake.sql("SHOW TABLES IN lake")).containsExactly("[,top,false]");
    assertThat(lake.sql("SHOW TABLES IN lake.empty")).isEmpty();
    lake.sql("DROP NAMESPACE lake.empty");
    assertThatThrownBy(() -> lake.sql("DROP NAMESPACE lake.ns")).hasMessageContaining("ns");
    assertThatThrownBy(() -> lake.sql("SHOW TABLES IN lake.none")).hasMessageContaining("none");
    assertThatThrownBy(() -> lake.sql("SELECT * FROM lake.ns.none"))
        .hasMessageContaining("cannot be found");
    assertThatThrownBy(() -> lake.sql("CREATE TABLE lake.`a b` (id BIGINT)"))
        .hasMessageContaining("'a b' can't be a place");
  }

  @Test
  void whatHasStepsIsNotDroppedByMistake() throws Exception {
    create();
    lake.sql("DROP TABLE lake.ns.corpus");
    assertThat(lake.path("ns/corpus/stream.json")).doesNotExist();
    create();
    insert(4);
    assertThatThrownBy(() -> lake.sql("DROP TABLE lake.ns.corpus"))
        .hasMessageContaining("has steps")
        .hasMessageContaining("PURGE");
    Pins pins = new Pins(Sparks.stream(lake.path("ns/corpus")));
    pins.pin("run", "one", 0, Optional.empty());
    assertThatThrownBy(() -> lake.sql("DROP TABLE lake.ns.corpus PURGE"))
        .hasMessageContaining("has 1 pins");
    assertThat(lake.sql("SELECT count(*) FROM lake.ns.corpus")).containsExactly("[4]");
    pins.releaseAll("run", "one");
    lake.sql("DROP TABLE lake.ns.corpus PURGE");
    try (var left = Files.walk(lake.path("ns/corpus"))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
    lake.sql("DROP TABLE IF EXISTS lake.ns.corpus");
  }

  /** A folder may hold a stream and, beside what is the stream's, another stream or anything. */
  @Test
  void whatIsSomebodyElsesIsNotDropped() throws Exception {
    lake.sql("CREATE TABLE lake.outer.inner (id BIGINT) TBLPROPERTIES (slots=2)");
    lake.sql("CREATE TABLE lake.outer (id BIGINT) TBLPROPERTIES (slots=2)");
    Files.writeString(Files.createDirectories(lake.path("outer/notes")).resolve("a.txt"), "mine");
    lake.sql("DROP TABLE lake.outer PURGE");
    assertThat(lake.path("outer/stream.json")).doesNotExist();
    assertThat(lake.path("outer/log")).doesNotExist();
    assertThat(lake.path("outer/notes/a.txt")).hasContent("mine");
    assertThat(lake.sql("SELECT count(*) FROM lake.outer.inner")).containsExactly("[0]");
  }

  @Test
  void creationsThatCanNotBeAreRefused() {
    assertThatThrownBy(() -> lake.sql("CREATE TABLE lake.t (id BIGINT)"))
        .hasMessageContaining("option 'slots' is needed");
    String slots = " TBLPROPERTIES (slots=2)";
    assertThatThrownBy(() -> lake.sql("CREATE TABLE lake.t (id BIGINT) USING parquet" + slots))
        .hasMessageContaining("USING parquet");
    assertThatThrownBy(
            () -> lake.sql("CREATE TABLE lake.t (id BIGINT) PARTITIONED BY (id)" + slots))
        .hasMessageContaining("no partition columns");
    assertThatThrownBy(
            () -> lake.sql("CREATE TABLE lake.t (id BIGINT) LOCATION '/elsewhere'" + slots))
        .hasMessageContaining("leave out LOCATION");
    assertThatThrownBy(
            () -> lake.sql("CREATE TABLE lake.t (id BIGINT) TBLPROPERTIES (slots=2, slot=3)"))
        .hasMessageContaining("option 'slot' is unknown");
    assertThat(lake.sql("SHOW TABLES IN lake")).isEmpty();
  }

  @Test
  void aStreamIsATableByItsPathToo() {
    create();
    insert(4);
    String path = "lake.`" + lake.path("ns/corpus") + "`";
    assertThat(lake.sql("SELECT count(*) FROM " + path)).containsExactly("[4]");
    lake.sql("INSERT INTO " + path + " SELECT id, array_repeat(1, 8) FROM range(4)");
    assertThat(lake.sql("SELECT count(*) FROM " + path + ".steps")).containsExactly("[2]");
  }

  @Test
  void sparksOwnCatalogHasStreamsAsWell() {
    create();
    insert(4);
    Sparks.session().sql("DROP TABLE IF EXISTS known");
    Sparks.session()
        .sql("CREATE TABLE known USING lakestream LOCATION '" + lake.path("ns/corpus") + "'");
    try {
      assertThat(lake.sql("SELECT count(*), max(_step) FROM known")).containsExactly("[4,0]");
      lake.sql(
          "INSERT INTO known WITH (globalBatchSize=4)"
              + " SELECT id, array_repeat(1, 8) FROM range(4)");
      assertThat(lake.sql("SELECT count(*), max(_step) FROM known")).containsExactly("[8,1]");
    } finally {
      Sparks.session().sql("DROP TABLE known");
    }
    assertThat(lake.path("ns/corpus/stream.json")).exists();
  }
}
