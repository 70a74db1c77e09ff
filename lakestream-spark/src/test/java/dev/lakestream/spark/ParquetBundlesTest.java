// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
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

  @RegisterExtension static final Places PLACES = new Places();

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"LOCAL, none, 1MB", "S3, zstd, 64MB", "LOCAL, lz4, 1KB"})
  void everyTypeComesBack(Places.Kind kind, String compression, String bundleSize) {
    Dataset<Row> rows = Sparks.session().sql(TYPES);
    Places.Place place = PLACES.fresh(kind, folder);
    Sparks.write(rows, 64, 4)
        .options(place.options())
        .option("bundleFormat", "parquet")
        .option("compression", compression)
        .option("bundleSize", bundleSize)
        .save(place.uri());
    assertThat(Sparks.texts(read(place))).isEqualTo(Sparks.texts(rows));
    assertThat(bundles(place).select("format").distinct().as(Encoders.STRING()).collectAsList())
        .containsExactly("parquet");
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
    Path bundle = Sparks.bundles(root).get(0);
    byte[] bytes = Files.readAllBytes(bundle);
    bytes[400] ^= 1;
    Files.write(bundle, bytes);
    assertThatThrownBy(() -> Sparks.read(root).collectAsList())
        .hasStackTraceContaining(bundle.getFileName().toString())
        .hasStackTraceContaining("CRC32C");
  }

  /** Cells of some megabytes of text, where a few kilobytes of numbers are wanted. */
  @ParameterizedTest
  @EnumSource(
      value = Places.Kind.class,
      names = {"LOCAL", "S3"})
  void whatIsNotWantedIsNotFetched(Places.Kind kind) throws IOException {
    Places.Place place = PLACES.fresh(kind, folder);
    Dataset<Row> rows =
        Sparks.session()
            .sql(
                "SELECT id, REPEAT(CAST(RAND(3) AS STRING), 500) AS text, id * 2 AS twice"
                    + " FROM RANGE(0, 1000, 1, 1)");
    Sparks.write(rows, 1000, 2)
        .options(place.options())
        .option("bundleFormat", "parquet")
        .save(place.uri());
    String bundle = bundles(place).select("key").as(Encoders.STRING()).first();
    try (ObjectStore store = ObjectStores.open(place.uri(), place.options())) {
      ObjectKey key = ObjectKey.of(bundle);
      byte[] bytes = store.get(key, Integer.MAX_VALUE);
      assertThat(bytes.length).isGreaterThan(4 << 20);
      bytes[1 << 20] ^= 1;
      store.put(key, bytes);
    }
    assertThat(Sparks.longs(read(place).select("twice").orderBy("twice")))
        .hasSize(1000)
        .endsWith(1998L);
    assertThatThrownBy(() -> read(place).select("text").collectAsList())
        .hasStackTraceContaining(bundle)
        .hasStackTraceContaining("CRC32 of a page");
  }

  private static Dataset<Row> read(Places.Place place) {
    return Sparks.session().read().format("lakestream").options(place.options()).load(place.uri());
  }

  /** What the log says of the bundles. */
  private static Dataset<Row> bundles(Places.Place place) {
    return Sparks.session()
        .read()
        .format("lakestream")
        .options(place.options())
        .option("table", "bundles")
        .load(place.uri());
  }
}
