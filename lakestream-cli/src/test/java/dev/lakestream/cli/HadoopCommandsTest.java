// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.hadoop.testing.HdfsExtension;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import picocli.CommandLine;

/** The command line on file systems of Hadoop, with the client that it brings. */
class HadoopCommandsTest {
  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();

  @Test
  void streamsInHdfsAreCreatedAndDescribed() {
    String uri = HDFS.hdfs().freshRoot();
    assertThat(run(0, "create", uri, "--schema=a: int32", "--slots=4")).contains(uri);
    assertThat(run(0, "describe", uri, "--store", "hadoop.dfs.replication=1")).contains("int32");
  }

  @Test
  void whatCanNotBeUsedIsRefusedInOneLine() {
    assertThat(run(1, "create", "ftp://127.0.0.1/x", "--schema=a: int32", "--slots=4"))
        .contains("two writers could commit the same version")
        .hasLineCount(1);
    assertThat(run(1, "describe", "hdfs://x/y", "--store", "hdfs.replication=1"))
        .contains("hadoop.<name>");
  }

  /** What it says, on both of its outputs. */
  private static String run(int exit, String... arguments) {
    StringWriter said = new StringWriter();
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true));
    assertThat(command.execute(arguments)).as(said.toString()).isEqualTo(exit);
    return said.toString();
  }
}
