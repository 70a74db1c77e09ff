// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.FencedException;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.retention.Vacuum;
import dev.lakestream.retention.VacuumOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks and jobs that fail: what is visible is all of a job or nothing. */
class FailuresTest {
  @TempDir private Path folder;

  @Test
  void aTaskThatFailsAndIsRetriedLeavesNoTrace() throws Exception {
    Sparks.write(failing(60, 3, attempt -> attempt < 2), 8, 4)
        .option("bundleSize", "1KB")
        .save(root().toString());
    assertThat(Sparks.longs(Sparks.read(root()).select("id").orderBy("id")))
        .containsExactlyElementsOf(LongStream.range(0, 60).boxed().toList());
    assertThat(bundles()).as("failed attempts remove their objects").hasSize(named());
  }

  @ParameterizedTest
  @ValueSource(strings = {"arrow", "parquet"})
  void aJobThatFailsChangesNothing(String format) throws Exception {
    Sparks.write(Sparks.rows(16, 1).select("id"), 8, 4)
        .option("bundleFormat", format)
        .save(root().toString());
    int before = bundles().size();
    assertThatThrownBy(
            () ->
                Sparks.write(failing(60, 3, attempt -> true), 8, 4)
                    .option("bundleFormat", format)
                    .option("bundleSize", "1KB")
                    .save(root().toString()))
        .rootCause()
        .hasMessageContaining("on purpose");
    assertThat(Sparks.steps(root())).hasSize(2);
    assertThat(Sparks.longs(Sparks.read(root()).select("id"))).hasSize(16);
    assertThat(bundles().size()).isGreaterThanOrEqualTo(before);
    assertThat(Sparks.stream(root()).producers())
        .as("vacuum need not wait to remove what is left")
        .allMatch(producer -> producer.retired());
    new Vacuum(Sparks.stream(root()), VacuumOptions.defaults()).run();
    assertThat(bundles()).hasSize(named());
    assertThat(Sparks.longs(Sparks.read(root()).select("id"))).hasSize(16);
  }

  @Test
  void aJobOfTheSameProducerFencesTheOneBefore() throws Exception {
    Sparks.write(Sparks.rows(8, 1), 8, 4).option("producer", "tok").save(root().toString());
    ProducerSession other = ProducerSession.open(Sparks.stream(root()), "tok");
    assertThat(other.state()).contains("\"rows\":8").contains("\"application\":\"local-");
    Sparks.write(Sparks.rows(8, 1), 8, 4).option("producer", "tok").save(root().toString());
    assertThatThrownBy(
            () ->
                other.commit(
                    dev.lakestream.producer.Commit.of(
                        new dev.lakestream.log.CommitContent.Inline(List.of(), List.of()), "x")))
        .isInstanceOf(FencedException.class);
    assertThat(Sparks.steps(root())).hasSize(2);
  }

  @Test
  void jobsAtTheSameTimeDoNotDisturbEachOther() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    List<Future<?>> jobs = new ArrayList<>();
    for (int job = 0; job < 3; job++) {
      Dataset<Row> rows = Sparks.session().range(job * 100L, job * 100L + 50, 1, 2).toDF();
      jobs.add(threads.submit(() -> Sparks.write(rows, 8, 4).save(root().toString())));
    }
    for (Future<?> job : jobs) {
      job.get();
    }
    threads.shutdown();
    List<Long> expected = LongStream.range(0, 300).filter(id -> id % 100 < 50).boxed().toList();
    assertThat(Sparks.longs(Sparks.read(root()).select("id").orderBy("id")))
        .containsExactlyElementsOf(expected);
    assertThat(Sparks.read(root()).groupBy("_version").count().count())
        .as("each job is one commit")
        .isEqualTo(3);
    assertThat(
            Sparks.read(root())
                .groupBy("_step")
                .agg(org.apache.spark.sql.functions.expr("count(distinct _producer)").as("n"))
                .where("n > 1")
                .count())
        .isZero();
  }

  /** When an attempt of the middle partition throws. */
  private interface When extends java.io.Serializable {
    boolean fails(int attempt);
  }

  private static Dataset<Row> failing(long rows, int partitions, When when) {
    MapPartitionsFunction<Long, Long> pass =
        ids -> {
          List<Long> all = new ArrayList<>();
          ids.forEachRemaining(all::add);
          TaskContext task = TaskContext.get();
          boolean fails = task.partitionId() == 1 && when.fails(task.attemptNumber());
          return all.stream()
              .peek(
                  id -> {
                    if (fails && id.equals(all.get(all.size() - 2))) {
                      throw new IllegalStateException("on purpose");
                    }
                  })
              .iterator();
        };
    return Sparks.session()
        .range(0, rows, 1, partitions)
        .as(Encoders.LONG())
        .mapPartitions(pass, Encoders.LONG())
        .toDF("id");
  }

  private List<Path> bundles() throws IOException {
    return Sparks.bundles(root());
  }

  /** How many bundles the log names. */
  private int named() throws IOException {
    var stream = Sparks.stream(root());
    var keys = new java.util.HashSet<String>();
    for (long step = 0; step < stream.state().nextStep(); step++) {
      stream.groupOf(step).sources(step).forEach(cell -> keys.add(cell.bundle().key().value()));
    }
    return keys.size();
  }

  private Path root() {
    return folder.resolve("stream");
  }
}
