// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed cells, from Spark and back. */
class CompressionTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"lz4", "zstd", "ZSTD"})
  void rowsComeBackAndTakeLessRoom(String compression) throws Exception {
    Dataset<Row> rows = Sparks.rows(2_000, 3);
    Path plain = folder.resolve("plain");
    Path compressed = folder.resolve("compressed");
    Sparks.write(rows, 256, 2).save(plain.toString());
    Sparks.write(rows, 256, 2).option("compression", compression).save(compressed.toString());
    assertThat(Sparks.texts(Sparks.read(compressed))).isEqualTo(Sparks.texts(rows));
    assertThat(Sparks.longs(Sparks.read(compressed).select("id").orderBy("id"))).hasSize(2_000);
    assertThat(bytes(compressed)).isLessThan(bytes(plain));
  }

  /** The last, short step is made of rows that are read again. */
  @ParameterizedTest
  @ValueSource(strings = {"keep", "pad"})
  void leftOversAreExpandedAndCompressedAgain(String remainder) {
    Path root = folder.resolve("stream");
    Sparks.write(Sparks.rows(100, 3), 64, 8)
        .option("compression", "lz4")
        .option("remainder", remainder)
        .save(root.toString());
    assertThat(Sparks.read(root).select("id").distinct().count()).isEqualTo(100);
  }

  @Test
  void anUnknownCompressionIsRefused() {
    assertThatThrownBy(
            () ->
                Sparks.write(Sparks.rows(8, 1), 8, 4)
                    .option("compression", "snappy")
                    .save(folder.resolve("stream").toString()))
        .hasMessageContaining("'compression' is 'snappy'")
        .hasMessageContaining("[none, lz4, zstd]");
  }

  private static long bytes(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve("data"))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
