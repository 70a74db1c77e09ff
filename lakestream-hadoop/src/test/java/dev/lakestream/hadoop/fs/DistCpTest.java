// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.mapreduce.Counters;
import org.apache.hadoop.tools.DistCp;
import org.apache.hadoop.tools.DistCpOptions;
import org.apache.hadoop.tools.mapred.CopyMapper.Counter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hadoop's copier, out of a stream and into one. */
class DistCpTest {
  private static final String ROOT = "lakestream://demo";
  private static final int STEPS = 3;
  private static final int SLOTS = 2;

  @TempDir java.nio.file.Path directory;
  @TempDir java.nio.file.Path local;
  private StreamOnDisk disk;
  private Configuration settings;
  private java.nio.file.Path copy;

  @BeforeEach
  void begin() throws Exception {
    disk = new StreamOnDisk(directory, SLOTS, 1);
    disk.commit(STEPS);
    settings = LocalJobs.settings(disk.settings(), local.resolve("scratch"));
    copy = local.resolve("steps");
  }

  @AfterEach
  void end() throws Exception {
    disk.close();
  }

  @Test
  void copiesStepsByteForByte() throws Exception {
    Counters counted = copy(ROOT + "/steps", local.toUri(), false);
    Map<String, String> wanted = steps();
    assertThat(wanted).hasSize(STEPS * SLOTS);
    assertThat(copied()).isEqualTo(wanted);
    assertThat(count(counted, Counter.COPY)).isEqualTo(STEPS * SLOTS);
    assertThat(count(counted, Counter.FAIL)).isZero();
  }

  /**
   * There are no checksums to compare: lengths and times have to do, and do for what never changes.
   */
  @Test
  void anUpdateCopiesOnlyWhatIsNew() throws Exception {
    copy(ROOT + "/steps", copy.toUri(), true);
    Counters again = copy(ROOT + "/steps", copy.toUri(), true);
    assertThat(count(again, Counter.COPY)).isZero();
    assertThat(count(again, Counter.SKIP)).isEqualTo(STEPS * SLOTS);

    disk.commit(1);
    Counters later = copy(ROOT + "/steps", copy.toUri(), true);
    assertThat(count(later, Counter.COPY)).isEqualTo(SLOTS);
    assertThat(copied()).isEqualTo(steps());
  }

  @Test
  void anUpdateReplacesACopyThatIsOlderThanItsStep() throws Exception {
    copy(ROOT + "/steps", copy.toUri(), true);
    java.nio.file.Path damaged = copy.resolve("00000000000000000001/slot-0001.arrow");
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length / 2] ^= 1;
    Files.write(damaged, bytes);
    Files.setLastModifiedTime(damaged, FileTime.fromMillis(0));
    Files.delete(damaged.resolveSibling(".slot-0001.arrow.crc"));
    Counters again = copy(ROOT + "/steps", copy.toUri(), true);
    assertThat(count(again, Counter.COPY)).isOne();
    assertThat(copied()).isEqualTo(steps());
  }

  /** The temporary names that distcp writes under are none that a step is made of. */
  @Test
  void copiesAStageThatBecomesAStep() throws Exception {
    copy(ROOT + "/steps", copy.toUri(), true);
    String step = copy.resolve("00000000000000000002").toUri().toString();
    copy(step, URI.create(ROOT + "/staging/copied"), true);
    try (FileSystem files = disk.open()) {
      assertThat(files.rename(new Path("/staging/copied"), new Path("/steps/next"))).isTrue();
      for (int slot = 0; slot < SLOTS; slot++) {
        Path made = new Path("/steps/0000000000000000000" + STEPS + "/slot-000" + slot + ".arrow");
        try (FSDataInputStream in = files.open(made)) {
          assertThat(ArrowFiles.rows(in.readAllBytes(), disk.allocator))
              .isEqualTo(StreamOnDisk.expected(2, slot));
        }
      }
    }
  }

  /**
   * Copies a folder.
   *
   * @param update what the target lacks, and into it; else the folder itself, below the target
   */
  private Counters copy(String source, URI target, boolean update) throws Exception {
    DistCpOptions options =
        new DistCpOptions.Builder(List.of(new Path(source)), new Path(target))
            .withSyncFolder(update)
            .maxMaps(2)
            .build();
    return new DistCp(settings, options).execute().getCounters();
  }

  private static long count(Counters counters, Counter what) {
    return counters.findCounter(what).getValue();
  }

  /** The bytes of all slots that are committed now, by their path below {@code steps}. */
  private Map<String, String> steps() throws Exception {
    Map<String, String> contents = new TreeMap<>();
    try (FileSystem files = disk.open()) {
      FileStatus steps = files.getFileStatus(new Path("/steps"));
      RemoteIterator<LocatedFileStatus> slots = files.listFiles(steps.getPath(), true);
      while (slots.hasNext()) {
        Path slot = slots.next().getPath();
        try (FSDataInputStream in = files.open(slot)) {
          contents.put(slot.getParent().getName() + "/" + slot.getName(), hex(in.readAllBytes()));
        }
      }
    }
    return contents;
  }

  private Map<String, String> copied() throws Exception {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<java.nio.file.Path> all = Files.walk(copy)) {
      for (java.nio.file.Path file : all.filter(Files::isRegularFile).toList()) {
        if (!file.toString().endsWith(".crc")) {
          contents.put(copy.relativize(file).toString(), hex(Files.readAllBytes(file)));
        }
      }
    }
    return contents;
  }

  /** Bytes in a form that a failed comparison can print. */
  private static String hex(byte[] bytes) {
    return java.util.HexFormat.of().formatHex(bytes);
  }
}
