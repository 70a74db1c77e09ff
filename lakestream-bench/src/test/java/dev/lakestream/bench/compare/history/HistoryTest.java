// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All histories get the same batches, find them, and have their upkeep. */
@Timeout(300)
class HistoryTest {
  @TempDir private Path folder;

  private static void commitAndFind(History history, int commits) throws Exception {
    for (int i = 0; i < commits; i++) {
      history.commit();
    }
    assertThat(history.takeBytes()).as("bytes of commits").isGreaterThan(commits * 100L);
    history.openAndFind(0);
    history.openAndFind((long) commits * History.STEPS - 1);
    assertThat(history.takeBytes()).as("bytes of openings").isPositive();
  }

  private long files(Predicate<String> wanted) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.map(file -> String.valueOf(file.getFileName())).filter(wanted).count();
    }
  }

  @Test
  void aStream() throws Exception {
    commitAndFind(new StreamHistory(folder), 20);
  }

  @Test
  void aDeltaTableHasCheckpoints() throws Exception {
    History delta = new DeltaHistory(folder, DeltaHistory.DEFAULT_INTERVAL);
    commitAndFind(delta, 21);
    assertThat(files(name -> name.contains(".checkpoint") && name.endsWith("parquet")))
        .isEqualTo(2);
    assertThatThrownBy(() -> delta.openAndFind(21L * History.STEPS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("in 0 files");
  }

  @Test
  void anIcebergTableKeepsItsSnapshots() throws Exception {
    History iceberg = new IcebergHistory(folder, false);
    commitAndFind(iceberg, 5);
    assertThat(files(name -> name.startsWith("snap-"))).isEqualTo(5);
    assertThatThrownBy(() -> iceberg.openAndFind(5L * History.STEPS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("in 0 files");
  }

  @Test
  void orExpiresThem() throws Exception {
    History iceberg = new IcebergHistory(folder, true);
    commitAndFind(iceberg, iceberg.round());
    assertThat(files(name -> name.startsWith("snap-") && name.endsWith(".avro"))).isEqualTo(10);
    assertThat(files(name -> name.endsWith(".metadata.json"))).isLessThan(20);
  }
}
