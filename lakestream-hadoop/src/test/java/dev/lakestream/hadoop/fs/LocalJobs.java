// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;

/** Jobs of MapReduce without a cluster: in this JVM, by Hadoop's own local runner. */
final class LocalJobs {
  private LocalJobs() {}

  /**
   * Settings of such jobs.
   *
   * @param settings of the stream's mount; each use of it opens a view of its own, as in a process
   *     of its own
   * @param scratch where the runner may put its files
   */
  static Configuration settings(Configuration settings, Path scratch) {
    Configuration jobs = new Configuration(settings);
    jobs.setBoolean("fs.lakestream.impl.disable.cache", true);
    jobs.set("mapreduce.framework.name", "local");
    jobs.set("fs.defaultFS", "file:///");
    jobs.set("hadoop.tmp.dir", scratch.toString());
    jobs.set("mapreduce.cluster.local.dir", scratch.resolve("local").toString());
    jobs.set("mapreduce.jobtracker.staging.root.dir", scratch.resolve("jobs").toString());
    return jobs;
  }
}
