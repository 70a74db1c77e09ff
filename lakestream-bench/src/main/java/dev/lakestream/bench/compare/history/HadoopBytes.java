// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.history;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** What went through Hadoop's local file system, by its own count. Not thread-safe. */
final class HadoopBytes {
  private long taken = total();

  /** The local file system without files of checksums beside each file. */
  static Configuration configuration() {
    Configuration configuration = new Configuration();
    configuration.set("fs.file.impl", RawLocalFileSystem.class.getName());
    // Else Spark's in the same process would be the same.
    configuration.setBoolean("fs.file.impl.disable.cache", true);
    configuration.set("fs.AbstractFileSystem.file.impl", "org.apache.hadoop.fs.local.RawLocalFs");
    return configuration;
  }

  /** Bytes read and written since the last call. */
  long take() {
    long total = total();
    long bytes = total - taken;
    taken = total;
    return bytes;
  }

  @SuppressWarnings("deprecation") // what replaces it has no bytes of local files
  private static long total() {
    return FileSystem.getAllStatistics().stream()
        .mapToLong(statistics -> statistics.getBytesRead() + statistics.getBytesWritten())
        .sum();
  }
}
