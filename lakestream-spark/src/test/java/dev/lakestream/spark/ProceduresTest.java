// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.stream.LakeStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does in SQL. */
class ProceduresTest {
  private static final String PIN = "0f8fad5b-d9cb-469f-a165-70867728950e";

  @TempDir private Path folder;
  private Lake lake;

  @BeforeEach
  void write() {
    lake = Lake.at(folder);
    Sparks.write(Sparks.rows(12, 1), 4, 2).option("producer", "a").save(root().toString());
  }

  private Path root() {
    return folder.resolve("ns/stream");
  }

  private LakeStream stream() throws Exception {
    return Sparks.stream(root());
  }

  @Test
  void skip() throws Exception {
    long rules =
        lake.rows("CALL lake.system.skip('ns.stream', 1, 2, 'bad documents')").get(0).getLong(0);
    assertThat(stream().state().skips(1, rules)).isTrue();
    assertThat(stream().state().skips(1, rules - 1)).isFalse();
    assertThatThrownBy(
            () ->
                lake.sql(
                    "CALL lake.system.skip(table => 'ns.stream', from_step => 2, to_step => 9,"
                        + " reason => 'x')"))
        .hasMessageContaining("the stream has 3 steps");
  }

  @Test
  void seal() throws Exception {
    assertThat(lake.rows("CALL lake.system.seal('ns.stream')").get(0).getLong(1)).isEqualTo(3);
    assertThat(stream().state().sealed()).isTrue();
    assertThatThrownBy(() -> lake.sql("CALL lake.system.seal('ns.stream')"))
        .hasMessageContaining("sealed already");
  }

  @Test
  void fork() {
    Row made = lake.rows("CALL lake.system.fork('ns.stream', 'other', 2)").get(0);
    assertThat(made.getString(0)).endsWith("/ns/stream/forks/other");
    assertThat(made.getLong(1)).isEqualTo(2);
    assertThat(lake.sql("SELECT max(_step) FROM lake.ns.stream.forks.other"))
        .containsExactly("[1]");
    lake.sql(
        "INSERT INTO lake.ns.stream.forks.other WITH (globalBatchSize=4)"
            + " SELECT 1L, array(1) FROM range(4)");
    assertThat(lake.sql("SELECT id FROM lake.ns.stream.forks.other WHERE _step = 2 LIMIT 1"))
        .containsExactly("[1]");
    assertThat(lake.sql("SELECT max(_step) FROM lake.ns.stream")).containsExactly("[2]");
  }

  @Test
  void repeat() {
    Row made =
        lake.rows(
                "CALL lake.system.repeat(table => 'ns.stream', from_step => 0, to_step => 3, seed => 7)")
            .get(0);
    assertThat(made.getBoolean(0)).isTrue();
    assertThat(made.getLong(3)).isEqualTo(3);
    assertThat(made.getLong(4)).isEqualTo(3);
    assertThat(lake.sql("SELECT count(*), count(DISTINCT id), max(_step) FROM lake.ns.stream"))
        .containsExactly("[24,12,5]");
    Row again = lake.rows("CALL lake.system.repeat('ns.stream', 0, 3, 'steps', 7)").get(0);
    assertThat(again.getBoolean(0)).as("once, however often it is asked for").isFalse();
    assertThat(again.getString(1)).isEqualTo(made.getString(1));
    assertThat(again.isNullAt(2)).isTrue();
    lake.sql("CALL lake.system.repeat('ns.stream', 0, 2, 'slots', 1, NULL, 'other', 'mine')");
    assertThat(lake.sql("SELECT count(*) FROM lake.ns.stream WHERE _producer = 'other'"))
        .containsExactly("[8]");
    assertThatThrownBy(() -> lake.sql("CALL lake.system.repeat('ns.stream', 0, 2, 'rows')"))
        .hasMessageContaining("must be steps, slots or as_written");
    assertThatThrownBy(() -> lake.sql("CALL lake.system.repeat('ns.stream', 0, 99)"))
        .hasMessageContaining("can't be repeated");
  }

  @Test
  void pinAndUnpin() {
    assertThat(
            lake.rows(
                    "CALL lake.system.pin(table => '"
                        + root()
                        + "', job => 'run', checkpoint => 'c1', from_step => 1)")
                .get(0)
                .getString(0))
        .startsWith("pins/run/c1-");
    assertThat(lake.rows("CALL lake.system.trim(table => 'ns.stream', to_step => 3)").get(0))
        .satisfies(
            held -> {
              assertThat(held.getString(0)).isEqualTo("trimmed");
              assertThat(held.getLong(2)).isEqualTo(1);
              assertThat(held.getString(3)).startsWith("pins/run/c1-");
            });
    assertThat(lake.sql("CALL lake.system.unpin('ns.stream', 'run', 'c1')")).containsExactly("[1]");
    assertThat(lake.sql("CALL lake.system.unpin('ns.stream', 'run', 'c1')")).containsExactly("[0]");
    assertThatThrownBy(() -> lake.sql("CALL lake.system.pin('ns.stream', 'run', 'c2', 0)"))
        .hasMessageContaining("trimmed");
  }

  @Test
  void vacuum() throws Exception {
    Sparks.write(Sparks.rows(4, 1), 4, 2).option("producer", "a").save(root().toString());
    List<Row> planned =
        lake.rows("CALL lake.system.vacuum(table => 'ns.stream', to_step => 3, dry_run => true)");
    assertThat(planned.get(0).getString(3)).contains("trimmed");
    assertThat(stream().state().firstReadable()).isZero();
    long before = objects();
    List<Row> done = lake.rows("CALL lake.system.vacuum(table => 'ns.stream', keep_steps => 1)");
    assertThat(stream().state().firstReadable()).isEqualTo(3);
    long deleted =
        done.stream().filter(row -> row.getString(0).equals("data")).findFirst().get().getLong(1);
    assertThat(deleted).isPositive();
    assertThat(objects()).isEqualTo(before - deleted);
    assertThatThrownBy(
            () ->
                lake.sql(
                    "CALL lake.system.vacuum(table => 'ns.stream', keep_steps => 1, to_step => 1)"))
        .hasMessageContaining("exclude each other");
    assertThatThrownBy(
            () -> lake.sql("CALL lake.system.vacuum(table => 'ns.stream', older_than => 'soon')"))
        .hasMessageContaining("'soon'");
  }

  @Test
  void vacuumSaysWhatItCanNotRead() throws Exception {
    Path pin = Files.createDirectories(root().resolve("pins/run")).resolve("one-" + PIN + ".json");
    Files.writeString(pin, "no pin");
    List<Row> done = lake.rows("CALL lake.system.vacuum(table => 'ns.stream')");
    assertThat(done)
        .filteredOn(row -> row.getString(0).equals("broken pin"))
        .singleElement()
        .satisfies(row -> assertThat(row.getString(3)).contains("pins/run/one-" + PIN));
  }

  private long objects() throws Exception {
    try (var files = Files.walk(root().resolve("data"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  @Test
  void whatIsNotThere() {
    assertThatThrownBy(() -> lake.sql("CALL lake.system.seal('ns.none')"))
        .hasMessageContaining("ns/none");
    assertThatThrownBy(() -> lake.sql("CALL lake.system.compact('ns.stream')"))
        .rootCause()
        .hasMessageContaining("there is no procedure")
        .hasMessageContaining(".system.vacuum");
    assertThat(lake.sql("SHOW PROCEDURES IN lake.system")).hasSize(9);
  }
}
