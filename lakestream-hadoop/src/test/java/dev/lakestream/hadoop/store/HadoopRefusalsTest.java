// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.hadoop.testing.HdfsExtension;
import dev.lakestream.hadoop.testing.S3a;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.PutResult;
import dev.lakestream.store.StoreRefusedException;
import dev.lakestream.testing.s3.S3Server;
import dev.lakestream.testing.s3.S3ServerExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivilegedExceptionAction;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.SafeModeAction;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can't keep a stream is refused with the reason; what is wrong is said, and soon. */
@Timeout(120)
class HadoopRefusalsTest {
  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  private static final ObjectKey KEY = ObjectKey.of("log/1.json");

  @Test
  void hadoopsLocalFileSystemIsRefused(@TempDir Path directory) {
    Map<String, String> mounts =
        Map.of("hadoop.fs.viewfs.mounttable.here.link./data", directory.toUri().toString());
    assertThatThrownBy(() -> ObjectStores.open("viewfs://here/data/stream", mounts))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("viewfs://here/data/stream")
        .hasMessageContaining("several")
        .hasMessageContaining("file://" + directory);
    assertThatThrownBy(() -> ObjectStores.open("viewfs://here/", mounts))
        .hasMessageContaining("mount");
  }

  @Test
  void whatIsMountedIsUsed() throws IOException {
    String root = HDFS.hdfs().freshRoot();
    Map<String, String> mounts = Map.of("hadoop.fs.viewfs.mounttable.here.link./data", root);
    HDFS.hdfs().cluster().getFileSystem().mkdirs(new org.apache.hadoop.fs.Path(root));
    try (ObjectStore mounted = ObjectStores.open("viewfs://here/data/stream", mounts);
        ObjectStore direct = ObjectStores.open(root + "/stream", Map.of())) {
      assertThat(mounted.root()).isEqualTo(URI.create("viewfs://here/data/stream"));
      assertThat(mounted.putIfAbsent(KEY, new byte[7])).isEqualTo(PutResult.CREATED);
      assertThat(mounted.list(ObjectKey.of("log"), Optional.empty())).hasSize(1);
      assertThat(direct.get(KEY, 7)).hasSize(7);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://127.0.0.1/stream", "sftp://127.0.0.1/stream"})
  void aFileSystemWithoutAnAtomicRenameIsRefused(String uri) {
    assertThatThrownBy(() -> ObjectStores.open(uri, Map.of()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("two writers could commit the same version");
  }

  @Test
  void aSchemeWithoutItsJarIsSaidToHaveNone() {
    assertThatThrownBy(() -> ObjectStores.open("ofs://ozone/volume/bucket", Map.of()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("ofs");
  }

  @Test
  void aHostThatNobodyKnowsIsNamed() {
    assertThatThrownBy(() -> ObjectStores.open("hdfs://nobody.invalid/stream", Map.of()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("nobody.invalid");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hadoop.fs.s3a.secret.key", "hadoop.fs.azure.account.key.x"})
  void secretsAreNoOptions(String name) {
    assertThatThrownBy(() -> ObjectStores.open("hdfs://x/y", Map.of(name, "hush")))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("core-site.xml")
        .hasMessageNotContaining("hush");
    assertThatThrownBy(() -> ObjectStores.open("s3a://key:hush@bucket/y", Map.of()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageNotContaining("hush");
  }

  @Test
  void anOptionOfTheSchemeIsTakenForAMistake() {
    assertThatThrownBy(() -> ObjectStores.open("hdfs://x/y", Map.of("hdfs.replication", "1")))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("hadoop.<name>");
  }

  @Test
  void theFilesOfTheClusterAreRead(@TempDir Path directory) throws IOException {
    Files.writeString(
        directory.resolve("core-site.xml"),
        "<configuration><property><name>ipc.client.connect.timeout</name><value>77</value>"
            + "</property><property><name>fs.from.file</name><value>file</value></property>"
            + "</configuration>");
    Map<String, String> environment = Map.of("HADOOP_CONF_DIR", directory.toString());
    Map<String, String> options =
        Map.of(
            "spark.hadoop.fs.from.file",
            "session",
            "spark.hadoop.fs.other",
            "session",
            "hadoop.fs.other",
            "option");
    var configuration = HadoopSettings.of(options, environment);
    assertThat(configuration.get("ipc.client.connect.timeout")).isEqualTo("77");
    assertThat(configuration.get("fs.from.file")).isEqualTo("session");
    assertThat(configuration.get("fs.other")).isEqualTo("option");
  }

  @Test
  void whoMayNotWriteIsTold() throws Exception {
    String root = HDFS.hdfs().freshRoot();
    UserGroupInformation.createRemoteUser("stranger")
        .doAs(
            (PrivilegedExceptionAction<Void>)
                () -> {
                  try (ObjectStore store = ObjectStores.open(root, Map.of())) {
                    assertThatThrownBy(() -> store.putIfAbsent(KEY, new byte[1]))
                        .isInstanceOf(StoreRefusedException.class)
                        .hasMessageContaining(root)
                        .hasMessageContaining("'stranger' may not");
                  }
                  return null;
                });
  }

  @Test
  void aNameNodeInSafeModeIsNamed() throws IOException {
    try (ObjectStore store = ObjectStores.open(HDFS.hdfs().freshRoot(), Map.of())) {
      HDFS.hdfs().cluster().getFileSystem().setSafeMode(SafeModeAction.ENTER);
      assertThatThrownBy(() -> store.putIfAbsent(KEY, new byte[1]))
          .isInstanceOf(StoreRefusedException.class)
          .hasMessageContaining("safe mode");
    } finally {
      HDFS.hdfs().cluster().getFileSystem().setSafeMode(SafeModeAction.LEAVE);
    }
  }

  @Test
  void aServerThatIsDownIsNamed() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    try (ObjectStore store = ObjectStores.open("hdfs://127.0.0.1:" + closed + "/x", Map.of())) {
      assertThatThrownBy(() -> store.get(KEY, 1))
          .isInstanceOf(StoreRefusedException.class)
          .hasMessageContaining("127.0.0.1:" + closed)
          .hasMessageContaining("nobody can be reached");
    }
    Map<String, String> options = new HashMap<>(S3a.options(S3.server()));
    options.put("hadoop.fs.s3a.endpoint", "http://127.0.0.1:" + closed);
    try (ObjectStore store = ObjectStores.open("s3a://bucket/x", options)) {
      assertThatThrownBy(() -> store.get(KEY, 1)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatS3RefusesIsSaid() throws IOException {
    Map<String, String> options = S3a.options(S3.server());
    try (ObjectStore store = ObjectStores.open("s3a://no-such-bucket/x", options)) {
      assertThatThrownBy(() -> store.putIfAbsent(KEY, new byte[1]))
          .isInstanceOf(StoreRefusedException.class)
          .hasMessageContaining("bucket");
    }
    try (S3Server other = S3Server.withOtherSecret();
        ObjectStore store =
            ObjectStores.open("s3a://" + S3Server.BUCKET + "/x", S3a.options(other))) {
      assertThatThrownBy(() -> store.putIfAbsent(KEY, new byte[1]))
          .isInstanceOf(StoreRefusedException.class)
          .hasMessageContaining("may not");
    }
  }
}
