// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.fork.Forks;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.retention.Pins;
import dev.lakestream.retention.Trimming;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.ContentSummary;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is committed can be read as files, and nothing else can. */
class ViewTest {
  @TempDir java.nio.file.Path directory;

  @Test
  void eachSlotIsAnArrowFileByItself() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 4, 1)) {
      disk.commit(3);
      disk.commit(1);
      disk.commitGathered();
      try (FileSystem files = disk.open()) {
        for (long step = 0; step < 5; step++) {
          FileStatus[] slots = files.listStatus(step(step));
          assertThat(names(slots))
              .containsExactly(
                  "slot-0000.arrow", "slot-0001.arrow", "slot-0002.arrow", "slot-0003.arrow");
          for (int slot = 0; slot < 4; slot++) {
            byte[] file = read(files, slots[slot].getPath());
            assertThat(slots[slot].getLen()).isEqualTo(file.length);
            assertThat(slots[slot].getModificationTime())
                .isEqualTo(disk.stream.groupOf(step).time());
            List<List<Object>> expected = StreamOnDisk.expected(step, slot);
            assertThat(ArrowFiles.rows(file, disk.allocator)).isEqualTo(expected);
            assertThat(ArrowFiles.rowsOfStream(file, disk.allocator)).isEqualTo(expected);
          }
        }
      }
    }
  }

  /** A cell of a Parquet bundle is a file as it is. */
  @Test
  void aSlotOfAParquetBundleIsAParquetFile() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 4, 1)) {
      disk.commit(1);
      disk.as(BundleFormat.PARQUET).commit(2);
      disk.commitGathered();
      try (FileSystem files = disk.open()) {
        assertThat(names(files.listStatus(step(0)))).contains("slot-0003.arrow");
        for (long step = 1; step < 4; step++) {
          FileStatus[] slots = files.listStatus(step(step));
          assertThat(names(slots))
              .containsExactly(
                  "slot-0000.parquet",
                  "slot-0001.parquet",
                  "slot-0002.parquet",
                  "slot-0003.parquet");
          for (int slot = 0; slot < 4; slot++) {
            byte[] file = read(files, slots[slot].getPath());
            assertThat(slots[slot].getLen()).isEqualTo(file.length);
            assertThat(ParquetFiles.rows(file, disk.allocator))
                .isEqualTo(StreamOnDisk.expected(step, slot));
          }
        }
        assertThat(files.getContentSummary(new Path("/steps")).getFileCount()).isEqualTo(16);
        assertThatThrownBy(() -> files.getFileStatus(new Path(step(1), "slot-0000.arrow")))
            .isInstanceOf(FileNotFoundException.class);
      }
    }
  }

  @Test
  void piecesAreFilesOfTheirOwn() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 2, 2)) {
      disk.commit(2);
      try (FileSystem files = disk.open()) {
        assertThat(names(files.listStatus(step(1))))
            .containsExactly(
                "slot-0000-piece-00.arrow",
                "slot-0000-piece-01.arrow",
                "slot-0001-piece-00.arrow",
                "slot-0001-piece-01.arrow");
        List<List<Object>> whole = StreamOnDisk.expected(1, 1);
        List<List<Object>> second =
            ArrowFiles.rows(
                read(files, new Path(step(1), "slot-0001-piece-01.arrow")), disk.allocator);
        assertThat(second).hasSameSizeAs(whole);
        assertThat(second.get(0).get(0)).isEqualTo(((List<?>) whole.get(0).get(0)).subList(4, 8));
      }
    }
  }

  @Test
  void theRootSaysWhatThereIs() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 2, 1)) {
      disk.commit(2);
      new Pins(disk.stream).pin("job", "ckpt", 1, Optional.empty());
      try (FileSystem files = disk.open()) {
        assertThat(names(files.listStatus(new Path("/"))))
            .containsExactly(
                "commits", "forks", "pins", "producers", "staging", "steps", "stream.json");
        assertThat(text(files, "/producers/tests.json"))
            .contains("\"id\":\"tests\"", "\"state\":\"at 0\"");
        assertThat(text(files, "/commits/00000000000000000001.json"))
            .contains("\"version\":1", "\"from\":0,\"to\":2");
        assertThat(names(files.listStatus(new Path("/commits")))).hasSize(1);
        FileStatus[] pins = files.listStatus(new Path("/pins/job"));
        assertThat(pins).hasSize(1);
        assertThat(read(files, pins[0].getPath())).hasSize((int) pins[0].getLen());
        assertThat(text(files, "/stream.json")).contains(disk.stream.id().toString());
      }
    }
  }

  @Test
  void whatIsNotThereIsMissing() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 2, 1)) {
      disk.commit(1);
      try (FileSystem files = disk.open()) {
        for (String path :
            List.of(
                "/steps/0",
                "/steps/00000000000000000001",
                "/steps/99999999999999999999",
                "/steps/next",
                "/steps/00000000000000000000/slot-0002.arrow",
                "/steps/00000000000000000000/slot-00.arrow",
                "/steps/00000000000000000000/slot-0000.arrow/x",
                "/steps/00000000000000000000/slot-0000-piece-00.arrow",
                "/commits/00000000000000000000.json",
                "/producers/nobody.json",
                "/producers/..json",
                "/pins/.x",
                "/forks/none",
                "/staging/none",
                "/data",
                "/log",
                "/@version=9",
                "/@version=-1",
                "/@latest")) {
          assertThatThrownBy(() -> files.getFileStatus(new Path(path)))
              .as(path)
              .isInstanceOf(FileNotFoundException.class)
              .hasMessageContaining(path);
        }
        assertThatThrownBy(() -> files.open(new Path("/steps")))
            .isInstanceOf(FileNotFoundException.class);
      }
    }
  }

  @Test
  void theViewIsThatOfItsOpening() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 2, 1)) {
      disk.commit(1);
      try (FileSystem before = disk.open()) {
        disk.commit(1);
        assertThat(before.listStatus(new Path("/steps"))).hasSize(1);
        try (FileSystem after = disk.open()) {
          assertThat(after.listStatus(new Path("/steps"))).hasSize(2);
        }
      }
    }
  }

  @Test
  void aVersionCanBePinnedByThePath() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 2, 1)) {
      for (int commit = 0; commit < 4; commit++) {
        disk.commit(2);
      }
      disk.stream.writeSnapshot();
      disk.commit(1);
      try (FileSystem files = disk.open()) {
        for (int version = 0; version <= 5; version++) {
          Path then = new Path("/@version=" + version);
          int steps = version == 5 ? 9 : 2 * version;
          assertThat(files.listStatus(new Path(then, "steps"))).hasSize(steps);
          assertThat(files.listStatus(new Path(then, "commits"))).hasSize(version);
          assertThat(names(files.listStatus(then)))
              .containsExactly("commits", "producers", "steps", "stream.json");
        }
        Path slot = new Path("/@version=2/steps/00000000000000000003/slot-0001.arrow");
        assertThat(ArrowFiles.rows(read(files, slot), disk.allocator))
            .isEqualTo(StreamOnDisk.expected(3, 1));
        assertThat(text(files, "/@version=2/producers/tests.json")).contains("\"state\":\"at 2\"");
      }
    }
  }

  @Test
  void trimmedStepsAreAbsent() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 2, 1)) {
      disk.commit(2);
      disk.commit(3);
      try (FileSystem before = disk.open()) {
        new Trimming(disk.stream).to(3);
        try (FileSystem after = disk.open()) {
          assertThat(names(after.listStatus(new Path("/steps"))))
              .containsExactly("00000000000000000003", "00000000000000000004");
          assertThat(after.listStatus(new Path("/commits"))).hasSize(1);
          assertThat(after.listStatus(new Path("/@version=1/steps"))).isEmpty();
          assertThat(after.getContentSummary(new Path("/steps")).getFileCount()).isEqualTo(4);
        }
        disk.store.delete(disk.stream.groupOf(3).bundles().get(0).key());
        assertThatThrownBy(() -> read(before, slot(3, 0)))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("corrupt object data/");
      }
    }
  }

  @Test
  void aStepThatIsTrimmedWhileItsViewIsOpenIsMissing() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 2, 1)) {
      var bundle = disk.commit(2).descriptor();
      disk.commit(1);
      try (FileSystem files = disk.open();
          FSDataInputStream begun = files.open(slot(1, 1))) {
        assertThat(begun.read()).isEqualTo('A');
        new Trimming(disk.stream).to(2);
        disk.store.delete(bundle.key());
        begun.seek(0);
        assertThat(ArrowFiles.rows(begun.readAllBytes(), disk.allocator))
            .isEqualTo(StreamOnDisk.expected(1, 1));
        assertThatThrownBy(() -> read(files, slot(1, 0)))
            .isInstanceOf(FileNotFoundException.class)
            .hasMessageContaining("step 1 was trimmed");
      }
    }
  }

  @Test
  void skippedStepsStayVisible() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 2, 1)) {
      disk.commit(2);
      new StreamControl(disk.stream).commit(new dev.lakestream.log.Action.Skip(0, 1, "bad"));
      try (FileSystem files = disk.open()) {
        assertThat(files.listStatus(new Path("/steps"))).hasSize(2);
      }
    }
  }

  @Test
  void forksAreReachable() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 2, 1)) {
      disk.commit(3);
      new Forks(disk.stream).create("lr-3e-4", 2);
      try (FileSystem files = disk.open()) {
        assertThat(names(files.listStatus(new Path("/forks")))).containsExactly("lr-3e-4");
        assertThat(files.listStatus(new Path("/forks/lr-3e-4/steps"))).hasSize(2);
        Path slot = new Path("/forks/lr-3e-4/steps/00000000000000000001/slot-0001.arrow");
        assertThat(ArrowFiles.rows(read(files, slot), disk.allocator))
            .isEqualTo(StreamOnDisk.expected(1, 1));
        assertThat(text(files, "/forks/lr-3e-4/commits/00000000000000000001.json"))
            .contains("\"from\":0,\"to\":2");
      }
    }
  }

  @Test
  void aFlippedBitIsAnErrorThatNamesTheObject() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 2, 1)) {
      var bundle = disk.commit(2).descriptor();
      java.nio.file.Path file = directory.resolve(bundle.key().value());
      byte[] bytes = java.nio.file.Files.readAllBytes(file);
      bytes[(int) bundle.runs().start(2) - 1] ^= 4;
      java.nio.file.Files.write(file, bytes);
      try (FileSystem files = disk.open()) {
        assertThat(ArrowFiles.rows(read(files, slot(0, 1)), disk.allocator))
            .isEqualTo(StreamOnDisk.expected(0, 1));
        try (FSDataInputStream in = files.open(slot(1, 1))) {
          assertThatThrownBy(() -> in.readFully(0, new byte[1]))
              .isInstanceOf(IOException.class)
              .hasMessageContaining(bundle.key().value())
              .hasMessageContaining("CRC32C");
        }
      }
    }
  }

  @Test
  void summariesAndGlobsAgreeWithListings() throws Exception {
    try (StreamOnDisk disk = new StreamOnDisk(directory, 4, 1)) {
      disk.commit(3);
      disk.commit(1);
      disk.commitGathered();
      try (FileSystem files = disk.open()) {
        long bytes = 0;
        long count = 0;
        RemoteIterator<LocatedFileStatus> all = files.listFiles(new Path("/steps"), true);
        while (all.hasNext()) {
          LocatedFileStatus file = all.next();
          bytes += file.getLen();
          count++;
          assertThat(file.getBlockLocations()).hasSize(1);
        }
        ContentSummary summary = files.getContentSummary(new Path("/steps"));
        assertThat(summary.getLength()).isEqualTo(bytes);
        assertThat(summary.getFileCount()).isEqualTo(count).isEqualTo(20);
        assertThat(summary.getDirectoryCount()).isEqualTo(6);
        assertThat(files.globStatus(new Path("/steps/*/slot-000[13].arrow"))).hasSize(10);
        assertThat(files.globStatus(new Path("/steps/*{3,4}/*"))).hasSize(8);
      }
    }
  }

  private static Path step(long step) {
    return new Path("/steps/" + StepsBranch.name(step));
  }

  private static Path slot(long step, int slot) {
    return new Path(step(step), "slot-000" + slot + ".arrow");
  }

  private static List<String> names(FileStatus[] statuses) {
    return new ArrayList<>(
        Arrays.stream(statuses).map(status -> status.getPath().getName()).toList());
  }

  private static byte[] read(FileSystem files, Path path) throws IOException {
    try (FSDataInputStream in = files.open(path)) {
      return in.readAllBytes();
    }
  }

  private static String text(FileSystem files, String path) throws IOException {
    return new String(read(files, new Path(path)), StandardCharsets.UTF_8);
  }
}
