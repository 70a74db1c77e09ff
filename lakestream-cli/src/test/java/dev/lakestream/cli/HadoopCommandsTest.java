// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.hadoop.testing.HdfsExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The command line on file systems of Hadoop, with the client that it brings. */
class HadoopCommandsTest {
  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();

  @Test
  void streamsInHdfsAreCreatedAndDescribed() throws Exception {
    String uri = HDFS.hdfs().freshRoot();
    CommandRun created = CommandRun.of("create", uri, "--schema=a: int32", "--slots=4");
    assertThat(created.exit()).as(created.err()).isZero();
    CommandRun described =
        CommandRun.of("describe", uri, "--store", "hadoop.dfs.replication=1", "--json");
    assertThat(described.json().get("slots").intValue()).isEqualTo(4);
  }

  @Test
  void whatCanNotBeUsedIsRefusedInOneLine() {
    CommandRun.of("create", "ftp://127.0.0.1/x", "--schema=a: int32", "--slots=4")
        .assertError("two writers could commit the same version");
    CommandRun.of("describe", "hdfs://x/y", "--store", "hdfs.replication=1")
        .assertError("hadoop.<name>");
  }
}
