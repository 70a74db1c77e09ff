// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.apache.spark.rpc.RpcEnv;
import scala.Option;

/**
 * A standalone cluster like Spark's {@code local-cluster}, but with workers on two hosts, as far as
 * Spark can tell: it never has two attempts of a task on one. Both are addresses of the loopback.
 */
final class TwoHosts implements AutoCloseable {
  private static final List<String> HOSTS = List.of("127.0.0.1", "127.0.0.2");

  private final RpcEnv master;
  private final List<RpcEnv> workers;

  private TwoHosts(RpcEnv master, List<RpcEnv> workers) {
    this.master = master;
    this.workers = workers;
  }

  /**
   * Starts the master and its workers inside of this process; executors are processes.
   *
   * @param memoryMb of the one executor that each worker has
   */
  static TwoHosts start(SparkConf conf, int memoryMb) {
    RpcEnv master = Master.startRpcEnvAndEndpoint(HOSTS.get(0), 0, 0, conf)._1();
    String[] masters = {url(master)};
    List<RpcEnv> workers =
        IntStream.range(0, HOSTS.size())
            .mapToObj(
                number ->
                    Worker.startRpcEnvAndEndpoint(
                        HOSTS.get(number),
                        0,
                        0,
                        1,
                        memoryMb,
                        masters,
                        null,
                        Option.apply(number),
                        conf,
                        Option.empty()))
            .toList();
    return new TwoHosts(master, workers);
  }

  /** What Spark calls it. */
  String url() {
    return url(master);
  }

  private static String url(RpcEnv master) {
    return "spark://" + HOSTS.get(0) + ":" + master.address().port();
  }

  @Override
  public void close() {
    workers.forEach(RpcEnv::shutdown);
    workers.forEach(RpcEnv::awaitTermination);
    master.shutdown();
    master.awaitTermination();
  }
}
