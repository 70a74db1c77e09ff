// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hive.conf.HiveConf;
import org.apache.hadoop.hive.ql.DriverFactory;
import org.apache.hadoop.hive.ql.IDriver;
import org.apache.hadoop.hive.ql.processors.CommandProcessorException;
import org.apache.hadoop.hive.ql.session.SessionState;

/**
 * Hive in this JVM: its compiler and its driver, a metastore in the memory of Derby, and its jobs
 * run by Hadoop's local runner. For the thread that has started it.
 */
final class Hive implements AutoCloseable {
  /** Of the metastore's tables; warns of each column. */
  private static final Logger DATANUCLEUS = Logger.getLogger("DataNucleus");

  private final HiveConf settings;

  private Hive(HiveConf settings) {
    this.settings = settings;
  }

  /**
   * Starts a session.
   *
   * @param mounts settings of the stream's mount; each use of it opens a view of its own
   * @param scratch where it may put its files
   */
  static Hive start(Configuration mounts, Path scratch) {
    DATANUCLEUS.setLevel(Level.SEVERE);
    HiveConf settings = new HiveConf(mounts, Hive.class);
    settings.set("fs.lakestream.impl.disable.cache", "true");
    settings.set("javax.jdo.option.ConnectionURL", "jdbc:derby:memory:metastore;create=true");
    settings.set("datanucleus.schema.autoCreateAll", "true");
    settings.set("hive.metastore.schema.verification", "false");
    // Tables of the metastore are made when they are first needed; its own SQL wants them all.
    settings.set("hive.metastore.try.direct.sql", "false");
    settings.set("hive.metastore.warehouse.dir", scratch.resolve("tables").toString());
    settings.set("hive.metastore.warehouse.external.dir", scratch.resolve("others").toString());
    settings.set("hive.exec.scratchdir", scratch.resolve("scratch").toString());
    settings.set("hive.exec.local.scratchdir", scratch.resolve("local").toString());
    settings.set("hive.downloaded.resources.dir", scratch.resolve("resources").toString());
    settings.set("hive.querylog.location", scratch.resolve("log").toString());
    settings.set("hadoop.tmp.dir", scratch.resolve("tmp").toString());
    settings.set("fs.defaultFS", "file:///");
    settings.set("hive.execution.engine", "mr");
    settings.set("mapreduce.framework.name", "local");
    settings.set("hive.support.concurrency", "false");
    settings.set("hive.stats.autogather", "false");
    // Asks the metastore of its own settings, in a thread of its own.
    settings.set("hive.query.reexecution.enabled", "false");
    SessionState.start(settings);
    return new Hive(settings);
  }

  /** A setting for what comes, as by {@code SET}. */
  void set(String name, String value) {
    settings.set(name, value);
  }

  /** What a statement says, a line for each row, its columns with tabs between them. */
  List<String> run(String statement) throws CommandProcessorException, IOException {
    List<String> rows = new ArrayList<>();
    try (IDriver driver = DriverFactory.newDriver(settings)) {
      driver.run(statement);
      driver.getResults(rows);
    }
    return rows;
  }

  @Override
  public void close() throws IOException {
    SessionState.get().close();
  }
}
