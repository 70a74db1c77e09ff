// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.hadoop.testing.HdfsExtension;
import dev.lakestream.store.ObjectStores;
import java.net.URI;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A mount of a stream that is kept in HDFS. */
class HdfsMountTest {
  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();

  @TempDir java.nio.file.Path unused;

  @Test
  void stepsAreReadWhereTheyAreAndMade() throws Exception {
    String root = HDFS.hdfs().freshRoot();
    Configuration settings = new Configuration();
    settings.set("fs.lakestream.mount.hdfs.root", root);
    try (StreamOnDisk stream = new StreamOnDisk(unused, ObjectStores.open(root, Map.of()), 2, 1)) {
      stream.commit(2);
      try (FileSystem files = FileSystem.newInstance(URI.create("lakestream://hdfs"), settings)) {
        FileStatus slot =
            files.getFileStatus(new Path("/steps/00000000000000000001/slot-0001.arrow"));
        try (FSDataInputStream in = files.open(slot.getPath())) {
          assertThat(ArrowFiles.rows(in.readAllBytes(), stream.allocator))
              .isEqualTo(StreamOnDisk.expected(1, 1));
        }
        BlockLocation[] blocks = files.getFileBlockLocations(slot, 0, slot.getLen());
        assertThat(blocks).hasSize(1);
        int port = HDFS.hdfs().cluster().getDataNodes().get(0).getXferPort();
        assertThat(blocks[0].getNames()).singleElement().asString().endsWith(":" + port);
        assertThat(blocks[0].getLength()).isEqualTo(slot.getLen());

        stream.stage(files, new Path("/staging/job-1"), 5);
        assertThat(files.rename(new Path("/staging/job-1"), new Path("/steps/next"))).isTrue();
        try (FSDataInputStream in =
            files.open(new Path("/steps/00000000000000000002/slot-0001.arrow"))) {
          assertThat(ArrowFiles.rows(in.readAllBytes(), stream.allocator))
              .isEqualTo(StreamOnDisk.expected(5, 1));
        }
      }
    }
  }
}
