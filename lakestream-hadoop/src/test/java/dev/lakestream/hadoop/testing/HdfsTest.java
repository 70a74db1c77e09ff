// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class HdfsTest {
  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();

  @Test
  void keepsWhatItIsGiven() throws IOException {
    Path file = new Path(HDFS.hdfs().freshRoot(), "a/b");
    try (FileSystem files = FileSystem.newInstance(HDFS.hdfs().uri(), new Configuration())) {
      try (FSDataOutputStream out = files.create(file, false)) {
        out.write("kept".getBytes(StandardCharsets.UTF_8));
        out.hsync();
      }
      try (FSDataInputStream in = files.open(file)) {
        assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("kept");
      }
    }
  }
}
