// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that have a name are written once, however often they run. */
class IdempotentJobTest {
  @TempDir private Path folder;

  @Test
  void aSecondRunComputesNothingAndWritesNothing() throws Exception {
    LongAccumulator computed = Sparks.session().sparkContext().longAccumulator("computed");
    MapFunction<Long, Long> count =
        id -> {
          computed.add(1);
          return id;
        };
    Dataset<Row> rows =
        Sparks.session()
            .range(0, 20, 1, 2)
            .as(Encoders.LONG())
            .map(count, Encoders.LONG())
            .toDF("id");
    job(rows, 1).save(root().toString());
    assertThat(computed.value()).isEqualTo(20);
    long version = Sparks.stream(root()).state().version();
    for (String mode : List.of("append", "errorifexists", "ignore")) {
      job(rows, 1).mode(mode).save(root().toString());
    }
    assertThat(computed.value()).isEqualTo(20);
    assertThat(Sparks.stream(root()).state().version()).isEqualTo(version);
    job(rows, 2).save(root().toString());
    assertThat(Sparks.longs(Sparks.read(root()).select("id"))).hasSize(40);
  }

  /** Each version counts by itself: one that was left out can still be written. */
  @Test
  void versionsMayComeInAnyOrder() throws Exception {
    job(Sparks.rows(8, 1).select("id"), 7).save(root().toString());
    job(Sparks.rows(8, 1).select("id"), 3).save(root().toString());
    job(Sparks.rows(8, 1).select("id"), 3).save(root().toString());
    assertThat(Sparks.steps(root())).hasSize(2);
  }

  @Test
  void ofRunsAtTheSameTimeOneIsVisibleAndNoneFails() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    List<Future<?>> runs = new ArrayList<>();
    for (int run = 0; run < 3; run++) {
      Dataset<Row> rows = Sparks.session().range(0, 50, 1, 2).toDF();
      runs.add(threads.submit(() -> job(rows, 1).save(root().toString())));
    }
    for (Future<?> run : runs) {
      run.get();
    }
    threads.shutdown();
    assertThat(Sparks.longs(Sparks.read(root()).select("id").orderBy("id")))
        .containsExactlyElementsOf(LongStream.range(0, 50).boxed().toList());
    assertThat(Sparks.stream(root()).producers()).allMatch(producer -> producer.retired());
  }

  @Test
  void aJobThatFailedIsNotDone() throws Exception {
    Dataset<Row> rows = Sparks.rows(9, 1).select("id");
    assertThatThrownBy(() -> job(rows, 1).option("remainder", "error").save(root().toString()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("1 rows remain");
    job(rows, 1).save(root().toString());
    assertThat(Sparks.longs(Sparks.read(root()).select("id"))).hasSize(9);
  }

  @Test
  void theNameIsCheckedBeforeAnythingIsWritten() {
    Dataset<Row> rows = Sparks.rows(8, 1).select("id");
    DataFrameWriter<Row> half = Sparks.write(rows, 8, 4).option("jobId", "a");
    assertThatThrownBy(() -> half.save(root().toString()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("'jobId' and 'jobVersion'");
    assertThatThrownBy(() -> job(rows, 1).option("jobVersion", "-1").save(root().toString()))
        .hasMessageContaining("'jobVersion' is '-1'");
    assertThatThrownBy(() -> job(rows, 1).option("jobId", "x".repeat(201)).save(root().toString()))
        .hasMessageContaining("201 characters");
    assertThat(Files.exists(root())).isFalse();
  }

  private static DataFrameWriter<Row> job(Dataset<Row> rows, long version) {
    return Sparks.write(rows, 8, 4).option("jobId", "nightly").option("jobVersion", version);
  }

  private Path root() {
    return folder.resolve("stream");
  }
}
