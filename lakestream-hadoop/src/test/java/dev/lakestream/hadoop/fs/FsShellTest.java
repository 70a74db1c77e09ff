// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.EnumSet;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FsShell;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ToolRunner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users do: {@code hadoop fs}, and the two APIs that jobs are written against. */
class FsShellTest {
  private static final String ROOT = "lakestream://demo";

  @TempDir java.nio.file.Path directory;
  @TempDir java.nio.file.Path local;
  private StreamOnDisk disk;

  @BeforeEach
  void begin() throws Exception {
    disk = new StreamOnDisk(directory, 2, 1);
    disk.commit(2);
    for (int slot = 0; slot < 2; slot++) {
      try (VectorSchemaRoot rows = disk.rows(2, slot)) {
        Files.write(local.resolve("slot-000" + slot + ".arrow"), ArrowFiles.file(rows));
      }
    }
  }

  @Test
  void listsAndCopiesWhatIsCommitted() throws Exception {
    assertThat(shell("-ls", "-R", ROOT + "/steps"))
        .contains("-r--r--r--", ROOT + "/steps/00000000000000000001/slot-0001.arrow");
    assertThat(shell("-cat", ROOT + "/commits/00000000000000000001.json"))
        .contains("\"version\":1");
    shell("-cp", ROOT + "/steps/00000000000000000001/slot-0001.arrow", local + "/copy.arrow");
    assertThat(ArrowFiles.rows(Files.readAllBytes(local.resolve("copy.arrow")), disk.allocator))
        .isEqualTo(StreamOnDisk.expected(1, 1));
    assertThat(shell("-count", ROOT + "/steps")).contains(" 4 ");
    assertThat(shell("-du", "-s", ROOT + "/steps")).contains(ROOT + "/steps");
    shell("-test", "-e", ROOT + "/@version=1/steps");
  }

  @Test
  void putsAndMovesAStep() throws Exception {
    shell("-mkdir", ROOT + "/staging/job-1");
    shell("-put", local + "/slot-0000.arrow", ROOT + "/staging/job-1");
    shell("-put", "-d", local + "/slot-0001.arrow", ROOT + "/staging/job-1");
    assertThat(shell("-ls", ROOT + "/staging/job-1")).contains("Found 2 items");
    shell("-mv", ROOT + "/staging/job-1", ROOT + "/steps/next");
    String slot = ROOT + "/steps/00000000000000000002/slot-0000.arrow";
    shell("-cp", slot, local + "/back.arrow");
    assertThat(ArrowFiles.rows(Files.readAllBytes(local.resolve("back.arrow")), disk.allocator))
        .isEqualTo(StreamOnDisk.expected(2, 0));
    assertThat(shell("-ls", ROOT + "/staging")).doesNotContain("job-1");
  }

  /** The slots of one stream are a stage of another one, or the same, as they are. */
  @Test
  void aStepCanBeCopiedAsItIs() throws Exception {
    shell("-cp", ROOT + "/steps/00000000000000000001", ROOT + "/staging/again");
    shell("-mv", ROOT + "/staging/again", ROOT + "/steps/next");
    disk.stream.refresh();
    assertThat(disk.stream.groupOf(2).step(2).digest())
        .isNotEqualTo(disk.stream.groupOf(0).step(0).digest());
    assertThat(disk.stream.groupOf(2).step(2).rows())
        .isEqualTo(disk.stream.groupOf(1).step(1).rows());
  }

  @Test
  void refusesTheRestWithAReason() throws Exception {
    try (FileSystem files = disk.open()) {
      Path slot = new Path("/steps/00000000000000000001/slot-0001.arrow");
      refused("append", () -> files.append(slot));
      refused("truncate", () -> files.truncate(slot, 0));
      refused("create", () -> files.create(new Path("/steps/x")));
      refused("create", () -> files.create(new Path("/@version=1/staging/x/y")));
      refused("make the folder", () -> files.mkdirs(new Path("/steps/00000000000000000009")));
      refused("delete", () -> files.delete(slot, false));
      refused("delete", () -> files.delete(new Path("/"), true));
      refused("rename", () -> files.rename(slot, new Path("/staging/x")));
      refused("rename", () -> files.rename(new Path("/staging/x"), new Path("/steps/7")));
      refused("make a step", () -> files.rename(new Path("/staging/x/y"), new Path("/steps/next")));
      refused("set permissions", () -> files.setPermission(slot, null));
      refused("set times", () -> files.setTimes(slot, 1, 1));
      refused("set the owner", () -> files.setOwner(slot, "me", "us"));
      refused("set the replication", () -> files.setReplication(slot, (short) 3));
      refused("staged in", () -> files.create(new Path("/staging/file")));
      assertThat(files.delete(new Path("/steps/00000000000000000009"), true)).isFalse();
      assertThat(files.mkdirs(new Path("/steps"))).isTrue();
      assertThatThrownBy(() -> files.getFileStatus(new Path("/staging/../../x")))
          .isInstanceOf(IOException.class);
    }
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void refused(String what, Attempt attempt) {
    assertThatThrownBy(attempt::run)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining(what);
  }

  @Test
  void opensAsHadoopWantsIt() throws Exception {
    try (FileSystem files = disk.open()) {
      Path slot = new Path("/steps/00000000000000000001/slot-0001.arrow");
      long length = files.getFileStatus(slot).getLen();
      try (FSDataInputStream in =
          files
              .openFile(slot)
              .opt("fs.option.openfile.read.policy", "random")
              .must("fs.option.openfile.length", Long.toString(length))
              .build()
              .get()) {
        assertThat(in.readAllBytes()).hasSize((int) length);
        assertThat(in.hasCapability("in:readvectored")).isTrue();
      }
      assertThatThrownBy(() -> files.openFile(slot).must("unknown.key", "1").build())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("unknown.key");
      assertThat(files.hasPathCapability(slot, CommonPathCapabilities.FS_APPEND)).isFalse();
      assertThat(files.hasPathCapability(slot, CommonPathCapabilities.FS_READ_ONLY_CONNECTOR))
          .isTrue();
      assertThat(
              files.hasPathCapability(
                  new Path("/staging/x"), CommonPathCapabilities.FS_READ_ONLY_CONNECTOR))
          .isFalse();
    }
  }

  @Test
  void theOtherApiSeesTheSame() throws Exception {
    Configuration settings = disk.settings();
    String implementation = "fs.AbstractFileSystem.lakestream.impl";
    FileSystem.getFileSystemClass("lakestream", settings);
    assertThat(settings.get(implementation)).isEqualTo(LakestreamFs.class.getName());
    FileContext context = FileContext.getFileContext(URI.create(ROOT), settings);
    Path staged = new Path("/staging/ctx");
    for (int slot = 0; slot < 2; slot++) {
      try (var out =
          context.create(
              new Path(staged, "slot-000" + slot + ".arrow"),
              EnumSet.of(CreateFlag.CREATE),
              org.apache.hadoop.fs.Options.CreateOpts.createParent())) {
        Files.copy(local.resolve("slot-000" + slot + ".arrow"), out);
      }
    }
    context.rename(staged, new Path("/steps/next"));
    assertThat(context.util().listStatus(new Path("/steps"))).hasSize(3);
  }

  @Test
  void aRootCanBeSpelt() throws Exception {
    String spelt = "lakestream://file+" + directory.toString().replace('/', '+');
    assertThat(directory.toString()).isLowerCase();
    try (FileSystem files = FileSystem.newInstance(URI.create(spelt), new Configuration())) {
      assertThat(files.listStatus(new Path(spelt + "/steps"))).hasSize(2);
    }
  }

  @Test
  void aBadUriSaysWhatToDo() {
    assertBadUri("lakestream://nowhere/", "set fs.lakestream.mount.nowhere.root");
    assertBadUri("lakestream:///steps", "names no stream");
    assertBadUri("lakestream://Upper/", "neither the name of a mount");
    assertThatThrownBy(() -> FileSystem.newInstance(URI.create("lakestream://key:pw@x/"), conf()))
        .hasMessageContaining("no password")
        .hasMessageNotContaining("pw@");
  }

  private static void assertBadUri(String uri, String why) {
    assertThatThrownBy(() -> FileSystem.newInstance(URI.create(uri), conf()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }

  private static Configuration conf() {
    return new Configuration();
  }

  private String shell(String... arguments) throws Exception {
    Configuration settings = disk.settings();
    // One shell is one process: it has a view of its own.
    settings.setBoolean("fs.lakestream.impl.disable.cache", true);
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (PrintStream capture = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(capture);
      System.setErr(capture);
      FsShell shell = new FsShell(settings);
      int status = ToolRunner.run(shell, arguments);
      assertThat(status).as(printed.toString(StandardCharsets.UTF_8)).isZero();
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
