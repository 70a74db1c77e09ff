// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.log.BundleFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of Hive over the steps of a stream, as {@code docs/hadoop.md} describes them. */
class HiveTest {
  private static final String COLUMNS = "(tokens ARRAY<INT>, name STRING)";
  private static final String RECURSIVE = "mapreduce.input.fileinputformat.input.dir.recursive";
  private static final int SLOTS = 4;

  @TempDir private static Path root;
  @TempDir private static Path scratch;

  /** One for all, as the metastore keeps the settings with which it has begun. */
  private static StreamOnDisk stream;

  private static Hive hive;

  @BeforeAll
  static void start() throws Exception {
    stream = new StreamOnDisk(root, SLOTS, 1).as(BundleFormat.PARQUET);
    stream.commit(2);
    stream.commit(1);
    hive = Hive.start(stream.settings(), scratch);
  }

  @AfterAll
  static void stop() throws Exception {
    hive.close();
    stream.close();
  }

  @BeforeEach
  void begin() {
    hive.set(RECURSIVE, "true");
  }

  @AfterEach
  void end() throws Exception {
    hive.run("DROP TABLE IF EXISTS demo");
    hive.run("DROP TABLE IF EXISTS pinned");
  }

  private static String folder(long step) {
    return "lakestream://demo/steps/%020d".formatted(step);
  }

  /** The rows of steps as Hive writes them, with more columns behind. */
  private static List<String> expected(long from, long to, String more) {
    List<String> lines = new ArrayList<>();
    for (long step = from; step < to; step++) {
      for (int slot = 0; slot < SLOTS; slot++) {
        for (List<Object> row : StreamOnDisk.expected(step, slot)) {
          String tokens = row.get(0).toString().replace(" ", "");
          lines.add(tokens + "\t" + row.get(1) + more.formatted(step, slot));
        }
      }
    }
    return lines;
  }

  @Test
  void aStepIsAPartition() throws Exception {
    hive.run(
        "CREATE EXTERNAL TABLE demo "
            + COLUMNS
            + " PARTITIONED BY (step BIGINT) STORED AS PARQUET LOCATION 'lakestream://demo/steps'");
    hive.run(
        "ALTER TABLE demo ADD PARTITION (step=0) LOCATION '%s' PARTITION (step=2) LOCATION '%s'"
            .formatted(folder(0), folder(2)));
    List<String> rows = new ArrayList<>(expected(0, 1, "\t%d"));
    rows.addAll(expected(2, 3, "\t%d"));
    assertThat(hive.run("SELECT * FROM demo")).containsExactlyInAnyOrderElementsOf(rows);
    assertThat(hive.run("SELECT *, INPUT__FILE__NAME FROM demo WHERE step = 2"))
        .containsExactlyInAnyOrderElementsOf(
            expected(2, 3, "\t%d\t" + folder(2) + "/slot-000%d.parquet"));
    // Not fetched, but counted by a job.
    assertThat(hive.run("SELECT step, COUNT(*), SUM(tokens[0]) FROM demo GROUP BY step"))
        .containsExactlyInAnyOrder("0\t6\t1440", "2\t6\t12640");
    assertThatThrownBy(() -> hive.run("MSCK REPAIR TABLE demo"))
        .hasStackTraceContaining("Invalid partition name");
    assertThat(hive.run("SHOW PARTITIONS demo")).containsExactly("step=0", "step=2");
  }

  @Test
  void theFolderOfStepsIsATableThatGrowsUnlessItsVersionIsPinned() throws Exception {
    hive.run(
        "CREATE EXTERNAL TABLE demo "
            + COLUMNS
            + " STORED AS PARQUET LOCATION 'lakestream://demo/steps'");
    hive.run(
        "CREATE EXTERNAL TABLE pinned %s STORED AS PARQUET LOCATION 'lakestream://demo/@version=%d/steps'"
            .formatted(COLUMNS, stream.stream.state().version()));
    long before = stream.stream.state().nextStep();
    assertThat(hive.run("SELECT * FROM demo"))
        .containsExactlyInAnyOrderElementsOf(expected(0, before, ""));
    stream.commit(1);
    assertThat(hive.run("SELECT * FROM demo"))
        .containsExactlyInAnyOrderElementsOf(expected(0, before + 1, ""));
    assertThat(hive.run("SELECT * FROM pinned"))
        .containsExactlyInAnyOrderElementsOf(expected(0, before, ""));
    assertThat(hive.run("SELECT COUNT(*) FROM pinned"))
        .containsExactly(String.valueOf(expected(0, before, "").size()));
  }

  /** As of any folder that has nothing but folders in it. */
  @Test
  void withoutTheSettingTheFolderOfStepsHasNoFiles() throws Exception {
    hive.set(RECURSIVE, "false");
    hive.run(
        "CREATE EXTERNAL TABLE demo "
            + COLUMNS
            + " STORED AS PARQUET LOCATION 'lakestream://demo/steps'");
    assertThatThrownBy(() -> hive.run("SELECT * FROM demo"))
        .hasStackTraceContaining("Not a file: " + folder(0));
    assertThat(hive.run("SELECT COUNT(*) FROM demo")).containsExactly("0");
  }

  @Test
  void aTableCanBeDroppedButNotWritten() throws Exception {
    hive.run(
        "CREATE EXTERNAL TABLE demo "
            + COLUMNS
            + " STORED AS PARQUET LOCATION 'lakestream://demo/steps'");
    assertThatThrownBy(() -> hive.run("INSERT INTO demo SELECT tokens, name FROM demo"))
        .hasStackTraceContaining("UnsupportedOperationException")
        .hasStackTraceContaining("become a step when staging/<name> is renamed to steps/next");
    hive.run("DROP TABLE demo PURGE");
    long steps = stream.stream.refresh().nextStep();
    try (FileSystem files = stream.open()) {
      assertThat(files.listStatus(new org.apache.hadoop.fs.Path("/steps"))).hasSize((int) steps);
    }
  }
}
