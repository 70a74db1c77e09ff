// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.testing;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** A real HDFS in this JVM: one NameNode and one DataNode, on free ports of the loopback. */
public final class Hdfs implements AutoCloseable {
  private final MiniDFSCluster cluster;
  private final AtomicLong roots = new AtomicLong();

  private Hdfs(MiniDFSCluster cluster) {
    this.cluster = cluster;
  }

  /** Starts one whose data is gone when it is closed. */
  public static Hdfs start() throws IOException {
    return start(new Configuration());
  }

  /** As {@link #start()}, with settings of the test's own. */
  public static Hdfs start(Configuration settings) throws IOException {
    Path directory = Files.createTempDirectory("lakestream-hdfs");
    Configuration configuration = new Configuration(settings);
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, directory.toString());
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    cluster.waitActive();
    return new Hdfs(cluster);
  }

  /** The cluster itself: to restart it, to break it. */
  public MiniDFSCluster cluster() {
    return cluster;
  }

  /** {@code hdfs://host:port}. */
  public URI uri() {
    return cluster.getURI();
  }

  /** A root that nobody else uses. */
  public String freshRoot() {
    return uri() + "/root-" + roots.incrementAndGet();
  }

  @Override
  public void close() {
    // With what it kept.
    cluster.shutdown(true);
  }
}
