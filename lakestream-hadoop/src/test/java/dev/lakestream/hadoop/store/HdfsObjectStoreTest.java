// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.hadoop.testing.HdfsExtension;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStoreContract;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.server.datanode.DataNode;
import org.apache.hadoop.metrics2.AbstractMetric;
import org.apache.hadoop.metrics2.MetricsRecord;
import org.apache.hadoop.metrics2.impl.MetricsCollectorImpl;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on a real HDFS. */
class HdfsObjectStoreTest extends ObjectStoreContract {
  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();

  @Override
  protected ObjectStore createStore() {
    return ObjectStores.open(HDFS.hdfs().freshRoot(), Map.of());
  }

  @Override
  protected int racedKeys() {
    return 20;
  }

  /** A DataNode syncs what it is told to; else all of it is in its caches when the power fails. */
  @Test
  void everyPutIsOnTheDisksOfTheDataNodes() throws IOException {
    long before = syncs();
    store().putIfAbsent(ObjectKey.of("log/1.json"), new byte[100]);
    long afterPut = syncs();
    assertThat(afterPut).isGreaterThan(before);
    try (ObjectUpload upload = store().upload(ObjectKey.of("data/a"))) {
      upload.write(ByteBuffer.wrap(new byte[1 << 20]));
      upload.finish();
    }
    assertThat(syncs()).isGreaterThan(afterPut);
  }

  /** Whoever plans reads gets a host of the DataNode, and nothing worse for what is not there. */
  @Test
  void aRangeIsOnTheHostsOfItsBlocks() throws IOException {
    ObjectKey key = ObjectKey.of("data/3f/tok/1/a.arrow");
    store().putIfAbsent(key, new byte[1000]);
    String host = HDFS.hdfs().cluster().getDataNodes().get(0).getDatanodeId().getHostName();
    assertThat(store().hosts(key, 100, 200)).containsExactly(host);
    assertThat(store().hosts(ObjectKey.of("data/none"), 0, 10)).isEmpty();
  }

  private static long syncs() {
    long syncs = 0;
    for (DataNode node : HDFS.hdfs().cluster().getDataNodes()) {
      MetricsCollectorImpl collector = new MetricsCollectorImpl();
      DefaultMetricsSystem.instance()
          .getSource(node.getMetrics().name())
          .getMetrics(collector, true);
      for (MetricsRecord record : collector.getRecords()) {
        for (AbstractMetric metric : record.metrics()) {
          syncs += metric.name().equals("FsyncCount") ? metric.value().longValue() : 0;
        }
      }
    }
    return syncs;
  }

  @Test
  void foldersThatBecomeEmptyAreRemoved() throws IOException {
    ObjectKey one = ObjectKey.of("data/3f/tok/1/a.arrow");
    ObjectKey two = ObjectKey.of("data/3f/tok/2/b.arrow");
    store().putIfAbsent(one, new byte[1]);
    store().putIfAbsent(two, new byte[1]);
    store().delete(one);
    try (FileSystem files =
        FileSystem.newInstance(HDFS.hdfs().uri(), new org.apache.hadoop.conf.Configuration())) {
      Path root = new Path(store().root());
      assertThat(files.exists(new Path(root, "data/3f/tok/1"))).isFalse();
      assertThat(files.exists(new Path(root, "data/3f/tok/2"))).isTrue();
      store().delete(two);
      assertThat(files.exists(new Path(root, "data/3f"))).isFalse();
      assertThat(files.exists(new Path(root, "data"))).isTrue();
    }
    store().putIfAbsent(one, new byte[1]);
    assertThat(store().head(one)).isPresent();
  }
}
