// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.fork.Forks;
import dev.lakestream.log.Action;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.repeat.RepeatOrder;
import dev.lakestream.repeat.RepeatRequest;
import dev.lakestream.repeat.StepRepeat;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.stream.LakeStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark reads and writes forks, repeated steps, and streams that have evolved. */
class ForkTest {
  @TempDir private Path folder;

  private Path root() {
    return folder.resolve("stream");
  }

  private Path fork() {
    return root().resolve("forks").resolve("x");
  }

  @Test
  void aForkIsReadAndWrittenAtItsOwnAddress() throws Exception {
    Sparks.write(Sparks.rows(16, 2), 4, 2).option("producer", "first").save(root().toString());
    LakeStream parent = Sparks.stream(root());
    new Forks(parent).create("x", 3);
    List<Long> before = Sparks.longs(Sparks.read(root()).where("_step < 3").select("id"));
    assertThat(Sparks.longs(Sparks.read(fork()).select("id")))
        .containsExactlyInAnyOrderElementsOf(before);
    Sparks.write(Sparks.rows(4, 1), 4, 2).option("producer", "first").save(fork().toString());
    assertThat(Sparks.read(fork()).count()).isEqualTo(16);
    assertThat(Sparks.longs(Sparks.read(fork()).where("_step = 3").select("id")))
        .containsExactlyInAnyOrder(0L, 1L, 2L, 3L);
    assertThat(Sparks.read(root()).count()).as("the parent goes its own way").isEqualTo(16);
  }

  @Test
  void repeatedStepsAreRead() throws Exception {
    Sparks.write(Sparks.rows(16, 2), 4, 2).save(root().toString());
    LakeStream stream = Sparks.stream(root());
    ProducerSession session = ProducerSession.open(stream, "again");
    assertThat(session.repeat(StepRepeat.of(stream, RepeatRequest.of(0, 4, RepeatOrder.STEPS, 1))))
        .isPresent();
    List<Long> all = Sparks.longs(Sparks.read(root()).select("id"));
    assertThat(Sparks.counts(all))
        .hasSize(16)
        .allSatisfy((id, count) -> assertThat(count).isEqualTo(2));
  }

  @Test
  void aStreamThatEvolvedIsAppendedTo() throws Exception {
    Sparks.write(Sparks.rows(4, 1), 4, 2).save(root().toString());
    LakeStream stream = Sparks.stream(root());
    StreamSchema former = stream.state().schema();
    List<Field> fields = new ArrayList<>(former.fields());
    fields.add(Field.nullable("score", ColumnType.Simple.FLOAT32));
    new StreamControl(stream)
        .commit(
            new Action.AddSchema(
                new StreamSchema(1, fields, former.sequence(), former.boundaries())));
    Sparks.write(
            Sparks.rows(4, 1).selectExpr("id + 4 as id", "tokens", "cast(0.5 as float) as score"),
            4,
            2)
        .save(root().toString());
    List<Row> scores = Sparks.read(root()).select("id", "score").orderBy("id").collectAsList();
    assertThat(scores.stream().map(Row::toString))
        .containsExactly(
            "[0,null]",
            "[1,null]",
            "[2,null]",
            "[3,null]",
            "[4,0.5]",
            "[5,0.5]",
            "[6,0.5]",
            "[7,0.5]");
  }
}
