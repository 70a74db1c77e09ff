// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.hadoop.testing.HdfsExtension;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Streams in HDFS, by URIs as users write them. */
class SparkOnHdfsTest {
  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();

  @Test
  void writesToHdfsAndReadsFromIt() {
    roundTrip(HDFS.hdfs().freshRoot());
  }

  /** A nameservice that no file describes: tasks can know it from the session only. */
  @Test
  void tasksKnowWhatTheSessionSaysOfHadoop() {
    String root = HDFS.hdfs().freshRoot().replace(HDFS.hdfs().uri().toString(), "hdfs://lake");
    assertThatThrownBy(() -> roundTrip(root)).hasMessageContaining("lake");
    Map<String, String> nameservice = new LinkedHashMap<>();
    nameservice.put("dfs.nameservices", "lake");
    nameservice.put("dfs.ha.namenodes.lake", "only");
    nameservice.put("dfs.namenode.rpc-address.lake.only", HDFS.hdfs().uri().getAuthority());
    nameservice.put(
        "dfs.client.failover.proxy.provider.lake", ConfiguredFailoverProxyProvider.class.getName());
    RuntimeConfig session = Sparks.session().conf();
    nameservice.forEach(session::set);
    try {
      roundTrip(root);
    } finally {
      nameservice.keySet().forEach(session::unset);
    }
  }

  /** Advice only, so a query would find nothing amiss without it. */
  @Test
  void tasksAreToRunWhereTheirBytesAre() {
    String root = HDFS.hdfs().freshRoot();
    Sparks.write(Sparks.rows(100, 3), 10, 2).save(root);
    Scans read = Scans.of(Sparks.session().read().format("lakestream").load(root));
    String host = HDFS.hdfs().cluster().getDataNodes().get(0).getDatanodeId().getHostName();
    assertThat(read.hosts()).isNotEmpty().containsOnly(List.of(host));
  }

  private static void roundTrip(String root) {
    Sparks.write(Sparks.rows(100, 3), 10, 2).save(root);
    Dataset<Row> read = Sparks.session().read().format("lakestream").load(root);
    assertThat(read.select("id").distinct().count()).isEqualTo(100);
    assertThat(read.select("_step").distinct().count()).isEqualTo(10);
  }
}
