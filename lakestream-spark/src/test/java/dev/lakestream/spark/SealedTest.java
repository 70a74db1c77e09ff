// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.log.Action;
import dev.lakestream.producer.StreamControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream that has ended. */
class SealedTest {
  @TempDir private Path folder;

  private Path root() {
    return folder.resolve("stream");
  }

  @BeforeEach
  void writeAndSeal() throws Exception {
    Sparks.write(Sparks.rows(20, 3).select("id"), 8, 4).save(root().toString());
    new StreamControl(Sparks.stream(root())).commit(new Action.Seal());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(root())) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void anAppendIsRefusedBeforeAnyTask() throws Exception {
    List<Path> before = files();
    LongAccumulator touched = Sparks.session().sparkContext().longAccumulator("touched rows");
    MapFunction<Long, Long> touch =
        id -> {
          touched.add(1);
          return id;
        };
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 100, 1, 4)
            .as(Encoders.LONG())
            .map(touch, Encoders.LONG())
            .toDF("id");
    assertThatThrownBy(() -> Sparks.write(rows, 8, 4).save(root().toString()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(root().toString())
        .hasMessageContaining("is sealed: no step can follow");
    assertThat(touched.value()).as("no task has begun").isZero();
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void aReadEndsAtTheLastStep() {
    Dataset<Row> read = Sparks.read(root());
    assertThat(Sparks.longs(read.select("id").orderBy("id")))
        .containsExactlyElementsOf(LongStream.range(0, 20).boxed().toList());
    assertThat(Sparks.longs(read.selectExpr("max(_step)"))).containsExactly(2L);
  }
}
