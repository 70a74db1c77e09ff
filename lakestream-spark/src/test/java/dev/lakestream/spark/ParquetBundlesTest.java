// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles that are Parquet files, from Spark and back, and as Spark's own reader sees them. */
class ParquetBundlesTest {
  private static final String TYPES =
      "SELECT CAST(id % 100 AS BYTE) b, CAST(id AS SHORT) s, CAST(id AS INT) i, id,"
          + " CAST(id AS FLOAT) f, CAST(id AS DOUBLE) d, id % 2 = 0 AS flag,"
          + " IF(id % 3 = 0, NULL, CONCAT('word ', id)) t, CAST(CONCAT('x', id) AS BINARY) bytes,"
          + " CAST(id AS DECIMAL(10, 2)) small, CAST(id AS DECIMAL(38, 0)) - 5 large,"
          + " DATE_ADD(DATE'2026-01-01', CAST(id AS INT)) day,"
          + " TIMESTAMP_MICROS(id * 1000003) at, CAST(TIMESTAMP_MICROS(id) AS TIMESTAMP_NTZ) ntz,"
          + " MAKE_DT_INTERVAL(0, 0, 0, id) dt, MAKE_YM_INTERVAL(0, CAST(id AS INT)) ym,"
          + " NULL AS nothing, SEQUENCE(0, id % 5) list, IF(id % 4 = 0, NULL, ARRAY('a', NULL)) words,"
          + " MAP(CONCAT('k', id), ARRAY(id, NULL)) map,"
          + " IF(id % 5 = 0, NULL, NAMED_STRUCT('x', id, 'deep',"
          + " ARRAY(NAMED_STRUCT('y', CAST(id AS STRING)), NULL))) struct"
          + " FROM RANGE(0, 300, 1, 3)";

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"none, 1MB", "zstd, 64MB", "lz4, 1KB"})
  void everyTypeComesBack(String compression, String bundleSize) throws IOException {
    Dataset<Row> rows = Sparks.session().sql(TYPES);
    Path root = folder.resolve("stream");
    Sparks.write(rows, 64, 4)
        .option("bundleFormat", "parquet")
        .option("compression", compression)
        .option("bundleSize", bundleSize)
        .save(root.toString());
    assertThat(Sparks.texts(Sparks.read(root))).isEqualTo(Sparks.texts(rows));
    assertThat(files(root, ".parquet")).isNotEmpty();
    assertThat(files(root, ".arrow")).isEmpty();
  }

  /** What is in a bundle is what any reader of Parquet finds in it, in the order of slots. */
  @Test
  void sparkReadsTheBundlesAsFiles() throws IOException {
    Dataset<Row> rows = Sparks.session().sql(TYPES).drop("nothing", "dt", "ym");
    Path root = folder.resolve("stream");
    Sparks.write(rows, 64, 4).option("bundleFormat", "parquet").save(root.toString());
    Dataset<Row> found =
        Sparks.session()
            .read()
            .option("recursiveFileLookup", true)
            .parquet(root.resolve("data").toString());
    assertThat(Sparks.texts(found)).isEqualTo(Sparks.texts(rows));
  }

  @ParameterizedTest
  @ValueSource(strings = {"unordered", "ordered"})
  void anyOrderAndAFixedLengthWillDo(String order) throws Exception {
    Dataset<Row> rows = Sparks.rows(333, 5);
    Path root = folder.resolve("stream");
    Sparks.write(rows, 32, 4)
        .option("bundleFormat", "parquet")
        .option("order", order)
        .option("remainder", "keep")
        .save(root.toString());
    assertThat(Sparks.texts(Sparks.read(root))).isEqualTo(Sparks.texts(rows));
    assertThat(Sparks.longs(Sparks.read(root).select("id").where("_step >= 5").orderBy("id")))
        .isNotEmpty();
  }

  /** A stream may have both; a column that is added later is null in what is older. */
  @Test
  void aStreamHasBundlesOfBothFormats() {
    Path root = folder.resolve("stream");
    Dataset<Row> rows = Sparks.rows(64, 2);
    Sparks.write(rows, 32, 4).save(root.toString());
    Sparks.write(rows, 32, 4)
        .option("bundleFormat", "PARQUET")
        .mode("append")
        .save(root.toString());
    assertThat(Sparks.read(root).count()).isEqualTo(128);
    assertThat(Sparks.read(root).select("id").distinct().count()).isEqualTo(64);
  }

  @Test
  void aTypeThatParquetLacksIsRefusedBeforeTheJob() {
    Path root = folder.resolve("stream");
    assertThatThrownBy(
            () ->
                Sparks.write(
                        Sparks.session().sql("SELECT id, STRUCT() AS empty FROM RANGE(8)"), 8, 4)
                    .option("bundleFormat", "parquet")
                    .save(root.toString()))
        .hasMessageContaining("'empty'")
        .hasMessageContaining("Parquet");
    assertThat(root.resolve("stream.json")).doesNotExist();
  }

  @Test
  void anUnknownFormatIsRefused() {
    assertThatThrownBy(
            () ->
                Sparks.write(Sparks.rows(8, 1), 8, 4)
                    .option("bundleFormat", "orc")
                    .save(folder.resolve("stream").toString()))
        .hasMessageContaining("'bundleFormat' is 'orc'")
        .hasMessageContaining("[arrow, parquet]");
  }

  @Test
  void aDamagedBundleIsRefusedByName() throws IOException {
    Path root = folder.resolve("stream");
    Sparks.write(Sparks.rows(64, 1), 32, 4).option("bundleFormat", "parquet").save(root.toString());
    Path bundle = files(root, ".parquet").get(0);
    byte[] bytes = Files.readAllBytes(bundle);
    bytes[400] ^= 1;
    Files.write(bundle, bytes);
    assertThatThrownBy(() -> Sparks.read(root).collectAsList())
        .hasStackTraceContaining(bundle.getFileName().toString())
        .hasStackTraceContaining("CRC32C");
  }

  /** Cells of some megabytes of text, where a few kilobytes of numbers are wanted. */
  @Test
  void whatIsNotWantedIsNotFetched() throws IOException {
    Path root = folder.resolve("stream");
    Dataset<Row> rows =
        Sparks.session()
            .sql(
                "SELECT id, REPEAT(CAST(RAND(3) AS STRING), 500) AS text, id * 2 AS twice"
                    + " FROM RANGE(0, 1000, 1, 1)");
    Sparks.write(rows, 1000, 2).option("bundleFormat", "parquet").save(root.toString());
    Path bundle = files(root, ".parquet").get(0);
    byte[] bytes = Files.readAllBytes(bundle);
    assertThat(bytes.length).isGreaterThan(4 << 20);
    bytes[1 << 20] ^= 1;
    Files.write(bundle, bytes);
    assertThat(Sparks.longs(Sparks.read(root).select("twice").orderBy("twice")))
        .hasSize(1000)
        .endsWith(1998L);
    assertThatThrownBy(() -> Sparks.read(root).select("text").collectAsList())
        .hasStackTraceContaining(bundle.getFileName().toString())
        .hasStackTraceContaining("CRC32 of a page");
  }

  private static List<Path> files(Path root, String suffix) throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve("data"))) {
      return files
          .filter(file -> file.toString().endsWith(suffix))
          .sorted(Comparator.naturalOrder())
          .toList();
    }
  }
}
