// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.store.ObjectStores;
import dev.lakestream.testing.s3.S3Server;
import dev.lakestream.testing.s3.S3ServerExtension;
import java.net.URI;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Mounts of a stream that is kept in S3. */
class S3MountTest {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @TempDir java.nio.file.Path unused;
  private String root;
  private final Configuration settings = new Configuration();

  @BeforeEach
  void begin() {
    S3Server server = S3.server();
    root = server.freshRoot();
    settings.set("fs.lakestream.mount.lake.root", root);
    server
        .options()
        .forEach((name, value) -> settings.set("fs.lakestream.mount.lake.option." + name, value));
  }

  @Test
  void stepsAreReadAndMade() throws Exception {
    try (StreamOnDisk stream = stream()) {
      stream.commit(2);
      try (FileSystem files = FileSystem.newInstance(URI.create("lakestream://lake"), settings)) {
        FileStatus slot =
            files.getFileStatus(new Path("/steps/00000000000000000001/slot-0001.arrow"));
        byte[] bytes = bytes(files, slot.getPath());
        assertThat(bytes).hasSize((int) slot.getLen());
        assertThat(ArrowFiles.rows(bytes, stream.allocator)).isEqualTo(StreamOnDisk.expected(1, 1));
        BlockLocation[] blocks = files.getFileBlockLocations(slot, 0, slot.getLen());
        assertThat(blocks).singleElement().returns(slot.getLen(), BlockLocation::getLength);

        Path stage = new Path("/staging/job-1");
        stream.stage(files, stage, 5);
        assertThat(Stream.of(files.listStatus(stage)).map(file -> file.getPath().getName()))
            .containsExactly("slot-0000.arrow", "slot-0001.arrow");
        Path moved = new Path("/staging/job-2");
        assertThat(files.rename(stage, moved)).isTrue();
        assertThat(files.rename(moved, new Path("/steps/next"))).isTrue();
        assertThat(files.exists(moved)).isFalse();
        assertThat(
                ArrowFiles.rows(
                    bytes(files, new Path("/steps/00000000000000000002/slot-0001.arrow")),
                    stream.allocator))
            .isEqualTo(StreamOnDisk.expected(5, 1));
        assertThat(files.rename(moved, new Path("/steps/next")))
            .as("the same rename, tried again")
            .isTrue();
      }
      assertThat(stream.stream.refresh().nextStep()).isEqualTo(3);
    }
  }

  /** The options of the store are given to all mounts: a URI has no place for them. */
  @Test
  void aRootInS3CanBeSpelt() throws Exception {
    try (StreamOnDisk stream = stream()) {
      stream.commit(1);
      Configuration spelt = new Configuration();
      S3.server()
          .options()
          .forEach((name, value) -> spelt.set("fs.lakestream.option." + name, value));
      URI uri = URI.create("lakestream://s3+" + root.substring("s3://".length()).replace('/', '+'));
      try (FileSystem files = FileSystem.newInstance(uri, spelt)) {
        assertThat(files.listStatus(new Path("/steps"))).hasSize(1);
      }
    }
  }

  private StreamOnDisk stream() throws Exception {
    return new StreamOnDisk(unused, ObjectStores.open(root, S3.server().options()), 2, 1);
  }

  private static byte[] bytes(FileSystem files, Path path) throws Exception {
    try (FSDataInputStream in = files.open(path)) {
      return in.readAllBytes();
    }
  }
}
