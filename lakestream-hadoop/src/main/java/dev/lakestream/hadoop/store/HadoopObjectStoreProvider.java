// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStoreProvider;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Opens the URIs of Hadoop's file systems, as users write them. Knows no class of Hadoop, so that
 * whoever has none on the class path can open everything else.
 */
public final class HadoopObjectStoreProvider implements ObjectStoreProvider {
  /** Before a setting of Hadoop that Spark's session makes, in the options of a store. */
  public static final String SESSION_PREFIX = "spark.hadoop.";

  /** Those that can be used, and those that people will try: they are refused with the reason. */
  static final Set<String> SCHEMES =
      Set.of(
          "hdfs",
          "webhdfs",
          "swebhdfs",
          "viewfs",
          "s3a",
          "abfs",
          "abfss",
          "gs",
          "ofs",
          "o3fs",
          "wasb",
          "wasbs",
          "ftp",
          "sftp");

  /** File systems that keep the blocks of their files on hosts, and say on which. */
  private static final Set<String> ON_HOSTS =
      Set.of("hdfs", "webhdfs", "swebhdfs", "viewfs", "ofs", "o3fs");

  /** Whether a file system keeps the blocks of its files on hosts, and says on which. */
  static boolean knowsHosts(URI root) {
    String scheme = Optional.ofNullable(root.getScheme()).orElse("");
    return ON_HOSTS.contains(scheme.toLowerCase(Locale.ROOT));
  }

  @Override
  public Set<String> schemes() {
    return SCHEMES;
  }

  @Override
  public ObjectStore open(URI root, Map<String, String> options) {
    try {
      return HadoopObjectStore.open(root, options, System.getenv(), UUID::randomUUID);
    } catch (NoClassDefFoundError e) {
      throw new InvalidRequestException(
          "'"
              + root.getScheme()
              + ":' needs Hadoop, and of it "
              + String.valueOf(e.getMessage()).replace('/', '.')
              + " is not on the class path: put hadoop-client-api and hadoop-client-runtime there,"
              + " and hadoop-aws for s3a:",
          e);
    }
  }
}
