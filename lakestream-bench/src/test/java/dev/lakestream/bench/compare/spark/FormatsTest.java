// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lakestream.bench.Folders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All formats are given the same rows, and give them back. */
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FormatsTest {
  private Path folder;
  private SparkSession spark;

  @BeforeAll
  void openSession(@TempDir Path temporary) {
    folder = temporary;
    spark = Formats.session(folder, 2);
    assumeThat(spark.version()).as("what Iceberg and Delta were made for").startsWith("4.1.");
  }

  @AfterAll
  void closeSession() throws Exception {
    spark.close();
  }

  @Test
  void rowsOfTokensComeBack() throws Exception {
    comeBack(SampleRows.ofTokens(1024), Formats.of(spark));
  }

  @Test
  void rowsOfManyColumnsComeBack() throws Exception {
    SampleRows mixed = SampleRows.ofMixedColumns(1 << 15).scaled(0.5);
    assertThat(mixed.in(spark).columns()).hasSize(20);
    List<String> some = List.of(Formats.STREAM, Formats.ARROW_FILES, "Iceberg");
    List<Format> formats =
        Formats.of(spark).stream().filter(format -> some.contains(format.name())).toList();
    assertThat(formats).hasSameSizeAs(some);
    comeBack(mixed, formats);
  }

  private void comeBack(SampleRows shape, List<Format> formats) throws Exception {
    Dataset<Row> rows = shape.in(spark);
    Row expected = digest(rows);
    assertThat(expected.getLong(0)).isEqualTo(shape.rows());
    for (Format format : formats) {
      Path place = folder.resolve("rows");
      format.write(rows, shape, place.toString());
      assertThat(Folders.bytes(place)).as(format.name()).isGreaterThan(shape.bytes() / 4);
      Optional<Dataset<Row>> read = format.read(place.toString());
      assertThat(read.isPresent()).isEqualTo(!format.name().startsWith("Arrow files"));
      if (read.isPresent()) {
        assertThat(digest(read.get())).as(format.name()).isEqualTo(expected);
      }
      Folders.delete(place);
    }
  }

  /** How many rows, and of all values, in whichever order the rows and columns come. */
  private static Row digest(Dataset<Row> rows) {
    String columns = String.join(", ", java.util.Arrays.stream(rows.columns()).sorted().toList());
    return rows.selectExpr("count(1)", "bit_xor(xxhash64(" + columns + "))").head();
  }

  @Test
  void aTaskIsMeasuredInAProcessOfItsOwn() throws Exception {
    Path empty = Files.createDirectories(folder.resolve("processes"));
    double[] peaks = TaskMemory.peaks(empty, Formats.STREAM, 2048);
    assertThat(peaks[0]).as("MB of the process").isBetween(100.0, 4000.0);
    assertThat(peaks[1]).as("MB of Arrow's allocator").isBetween(1.0, 500.0);
  }
}
