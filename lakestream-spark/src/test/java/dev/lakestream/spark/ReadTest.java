// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.log.Action;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.stream.LakeStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading: where rows are, which columns, how many partitions, as of when. */
class ReadTest {
  @TempDir private Path folder;

  @Test
  void rowsSayWhereTheyAre() throws Exception {
    Sparks.write(Sparks.rows(8, 1), 4, 2).option("producer", "first").save(root());
    Sparks.write(Sparks.rows(4, 1), 4, 2).option("producer", "second").save(root());
    List<Row> rows =
        read()
            .selectExpr("_version", "_step", "_slot", "id", "_producer")
            .orderBy("_step", "_slot", "id")
            .collectAsList();
    assertThat(rows.stream().map(Row::toString))
        .containsExactly(
            "[1,0,0,0,first]",
            "[1,0,0,1,first]",
            "[1,0,1,2,first]",
            "[1,0,1,3,first]",
            "[1,1,0,4,first]",
            "[1,1,0,5,first]",
            "[1,1,1,6,first]",
            "[1,1,1,7,first]",
            "[3,2,0,0,second]",
            "[3,2,0,1,second]",
            "[3,2,1,2,second]",
            "[3,2,1,3,second]");
  }

  @Test
  void placesAreNotAmongTheColumnsUnlessTheyAreNamed() {
    Sparks.write(Sparks.rows(8, 1), 4, 2).save(root());
    assertThat(read().columns()).containsExactly("id", "tokens");
    assertThat(read().select("_step", "tokens").columns()).containsExactly("_step", "tokens");
  }

  @Test
  void onlyWantedColumnsAreRead() {
    Sparks.write(Sparks.rows(8, 1), 4, 2).save(root());
    assertThat(read().select("id", "_slot").queryExecution().executedPlan().toString())
        .contains("id, _slot")
        .doesNotContain("tokens");
    assertThat(read().count()).isEqualTo(8);
    assertThat(Sparks.longs(read().selectExpr("sum(tokens[3])"))).containsExactly(2824L);
  }

  @Test
  void onlyWantedFieldsOfStructsAreRead() {
    Sparks.write(
            Sparks.rows(4, 1)
                .selectExpr(
                    "id",
                    "named_struct('a', id, 'b', 'x', 'c', named_struct('d', id + 1, 'e', 1)) AS s",
                    "array(named_struct('f', id, 'g', 'y')) AS l"),
            4,
            2)
        .save(root());
    Dataset<Row> fields = read().selectExpr("s.c.d", "l.f").orderBy("d");
    assertThat(fields.collectAsList())
        .hasToString("[[1,ArraySeq(0)], [2,ArraySeq(1)], [3,ArraySeq(2)], [4,ArraySeq(3)]]");
    assertThat(fields.queryExecution().optimizedPlan().toString()).doesNotContain("s.a");
    assertThat(Sparks.longs(read().where("s.b = 'x' AND s.c.e = 1").select("s.a").orderBy("a")))
        .containsExactly(0L, 1L, 2L, 3L);
  }

  @Test
  void largeBundlesAreDividedAndSmallOnesPutTogether() throws Exception {
    Sparks.write(Sparks.rows(64, 4), 16, 8).save(root());
    Dataset<Row> rows =
        Sparks.session().read().format("lakestream").option("partitionSize", "600").load(root());
    assertThat(rows.rdd().getNumPartitions()).isGreaterThan(8);
    assertThat(Sparks.longs(rows.select("id").orderBy("id"))).hasSize(64).doesNotHaveDuplicates();
    assertThat(read().rdd().getNumPartitions()).isOne();

    BundleDescriptor bundle = Sparks.stream(Path.of(root())).groupOf(0).sources(0).get(0).bundle();
    long bytes = bundle.runs().start(bundle.slots()) - bundle.runs().start(0);
    Dataset<Row> pairs =
        Sparks.session()
            .read()
            .format("lakestream")
            .option("partitionSize", bytes * 17 / 10)
            .load(root());
    assertThat(pairs.rdd().getNumPartitions()).as("two of four are nearer than one").isEqualTo(2);
  }

  @Test
  void aReadIsAsOfItsPlanning() {
    Sparks.write(Sparks.rows(8, 1), 4, 2).save(root());
    Dataset<Row> planned = read();
    assertThat(planned.count()).isEqualTo(8);
    var frozen = planned.rdd();
    Sparks.write(Sparks.rows(8, 1), 4, 2).save(root());
    assertThat(frozen.count()).isEqualTo(8);
    assertThat(read().count()).isEqualTo(16);
  }

  @Test
  void trimmedStepsAreNotRead() throws Exception {
    Sparks.write(Sparks.rows(12, 1), 4, 2).save(root());
    StreamControl control = new StreamControl(Sparks.stream(Path.of(root())));
    long intent = control.commit(new Action.TrimIntent(1));
    control.commit(new Action.Trim(1, intent));
    assertThat(Sparks.longs(read().select("_step").distinct().orderBy("_step")))
        .containsExactly(1L, 2L);
    assertThat(read().count()).isEqualTo(8);
  }

  @Test
  void aColumnThatCameLaterIsNullBefore() throws Exception {
    Sparks.write(Sparks.rows(4, 1), 4, 2).save(root());
    LakeStream stream = Sparks.stream(Path.of(root()));
    StreamSchema first = stream.state().schema();
    List<Field> fields = new ArrayList<>(first.fields());
    fields.add(Field.nullable("score", Simple.FLOAT32));
    new StreamControl(stream)
        .commit(
            new Action.AddSchema(
                new StreamSchema(1, fields, first.sequence(), first.boundaries())));
    Sparks.write(Sparks.rows(4, 1).selectExpr("*", "cast(id as float) as score"), 4, 2)
        .save(root());
    assertThat(
            read().select("_step", "id", "score").orderBy("_step", "id").collectAsList().stream()
                .map(Row::toString))
        .containsExactly(
            "[0,0,null]",
            "[0,1,null]",
            "[0,2,null]",
            "[0,3,null]",
            "[1,0,0.0]",
            "[1,1,1.0]",
            "[1,2,2.0]",
            "[1,3,3.0]");
  }

  @Test
  void aSchemaOfTheUsersOwnMustFit() {
    Sparks.write(Sparks.rows(4, 1), 4, 2).save(root());
    StructType fitting = new StructType().add("id", DataTypes.LongType);
    assertThat(Sparks.session().read().format("lakestream").schema(fitting).load(root()).columns())
        .containsExactly("id");
    StructType other = new StructType().add("id", DataTypes.StringType);
    assertThatThrownBy(
            () ->
                Sparks.session()
                    .read()
                    .format("lakestream")
                    .schema(other)
                    .load(root())
                    .collectAsList())
        .hasMessageContaining("column 'id'");
  }

  @Test
  void damageIsSeen() throws Exception {
    Sparks.write(Sparks.rows(8, 1), 4, 2).save(root());
    Path bundle = Sparks.bundles(Path.of(root())).get(0);
    byte[] bytes = Files.readAllBytes(bundle);
    bytes[bytes.length / 2] ^= 1;
    Files.delete(bundle);
    Files.write(bundle, bytes);
    assertThatThrownBy(() -> read().collectAsList())
        .rootCause()
        .hasMessageContaining("corrupt object data/");
  }

  private Dataset<Row> read() {
    return Sparks.read(Path.of(root()));
  }

  private String root() {
    return folder.resolve("stream").toString();
  }
}
