// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.util.ByteArrayReadableSeekableByteChannel;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps as files: Spark's own source reads what this one has written. */
class BinaryFileTest {
  private static final String MOUNT = "fs.lakestream.mount.binary.root";
  private static final String STEPS = "lakestream://binary/steps";
  private static final int ROWS = 95;
  private static final int STEPS_MADE = 10;
  private static final int SLOTS = 2;

  @TempDir private Path root;
  private final SparkSession spark = Sparks.session();

  @BeforeEach
  void begin() {
    Sparks.write(Sparks.rows(ROWS, 3), 10, SLOTS).save(root.toString());
    spark.conf().set(MOUNT, root.toString());
    // Each test has a stream of its own behind the same name.
    spark.conf().set("fs.lakestream.impl.disable.cache", true);
  }

  @AfterEach
  void end() {
    spark.conf().unset(MOUNT);
    spark.conf().unset("fs.lakestream.impl.disable.cache");
  }

  @Test
  void aGlobFindsAllSlots() throws Exception {
    List<Row> files = files().load(STEPS + "/*/slot-*.arrow").collectAsList();
    assertThat(files).hasSize(STEPS_MADE * SLOTS);
    Configuration settings = spark.sessionState().newHadoopConf();
    for (Row file : files) {
      var path = new org.apache.hadoop.fs.Path(file.<String>getAs("path"));
      FileSystem stream = path.getFileSystem(settings);
      FileStatus status = stream.getFileStatus(path);
      try (FSDataInputStream in = stream.open(path)) {
        assertThat(file.<byte[]>getAs("content")).isEqualTo(in.readAllBytes());
      }
      assertThat(file.<Long>getAs("length")).isEqualTo(status.getLen());
      assertThat(file.<java.sql.Timestamp>getAs("modificationTime").getTime())
          .isEqualTo(status.getModificationTime());
    }
  }

  @Test
  void theFilesHaveTheRowsOfTheirSlots() throws Exception {
    TreeMap<String, List<Long>> ofFiles = new TreeMap<>();
    for (Row file : files().load(STEPS + "/*/slot-*.arrow").collectAsList()) {
      var path = new org.apache.hadoop.fs.Path(file.<String>getAs("path"));
      long step = Long.parseLong(path.getParent().getName());
      int slot = Integer.parseInt(path.getName().substring("slot-".length(), 9));
      ofFiles.put(step + "/" + slot, ids(file.getAs("content")));
    }
    TreeMap<String, List<Long>> ofSource = new TreeMap<>();
    for (Row row : Sparks.read(root).select("_step", "_slot", "id").collectAsList()) {
      ofSource
          .computeIfAbsent(row.get(0) + "/" + row.get(1), at -> new ArrayList<>())
          .add(row.getLong(2));
    }
    assertThat(ofFiles).isEqualTo(ofSource);
    assertThat(ofFiles.values().stream().mapToLong(List::size).sum()).isEqualTo(ROWS);
  }

  @Test
  void filtersByName() {
    Dataset<Row> second = files().option("pathGlobFilter", "slot-0001.arrow").load(STEPS + "/*");
    assertThat(names(second))
        .hasSize(STEPS_MADE)
        .allMatch(path -> path.endsWith("/slot-0001.arrow"));
    Dataset<Row> some =
        files()
            .option("pathGlobFilter", "slot-0000.*")
            .load(STEPS + "/0000000000000000000[2-4]/", STEPS + "/00000000000000000007/*.arrow");
    assertThat(names(some))
        .containsExactlyElementsOf(
            Arrays.stream(new int[] {2, 3, 4, 7})
                .mapToObj(step -> STEPS + "/0000000000000000000" + step + "/slot-0000.arrow")
                .toList());
    Dataset<Row> all = files().option("recursiveFileLookup", true).load(STEPS);
    assertThat(names(all)).hasSize(STEPS_MADE * SLOTS);
  }

  private org.apache.spark.sql.DataFrameReader files() {
    return spark.read().format("binaryFile");
  }

  private static List<String> names(Dataset<Row> files) {
    return files.select("path").orderBy("path").collectAsList().stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private static List<Long> ids(byte[] file) throws IOException {
    List<Long> ids = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        ArrowFileReader reader =
            new ArrowFileReader(new ByteArrayReadableSeekableByteChannel(file), allocator)) {
      while (reader.loadNextBatch()) {
        BigIntVector column = (BigIntVector) reader.getVectorSchemaRoot().getVector("id");
        for (int row = 0; row < column.getValueCount(); row++) {
          ids.add(column.get(row));
        }
      }
    }
    return ids;
  }
}
