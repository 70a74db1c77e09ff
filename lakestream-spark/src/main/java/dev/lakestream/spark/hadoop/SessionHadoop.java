// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.hadoop;

import dev.lakestream.hadoop.store.HadoopObjectStoreProvider;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.spark.sql.SparkSession;

/**
 * Settings of Hadoop that were made in Spark: with {@code spark.hadoop.…}, on the context, or in
 * the session. Executors see the files of the cluster and the first kind by themselves, the others
 * not.
 */
public final class SessionHadoop {
  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*");

  private SessionHadoop() {}

  /**
   * These options, and what the active session says beyond the files, if the stream is in a file
   * system of Hadoop. To be called on the driver.
   *
   * @param options among them {@code path}; they win
   */
  public static Map<String, String> with(Map<String, String> options) {
    boolean inHadoop =
        options.entrySet().stream()
            .anyMatch(option -> option.getKey().equalsIgnoreCase("path") && isHadoop(option));
    if (!inHadoop) {
      return options;
    }
    Configuration files = new HdfsConfiguration();
    Map<String, String> all = new LinkedHashMap<>();
    for (Map.Entry<String, String> setting : SparkSession.active().sessionState().newHadoopConf()) {
      boolean ofSpark = setting.getKey().startsWith("spark.");
      if (!ofSpark && !setting.getValue().equals(files.getRaw(setting.getKey()))) {
        all.put(HadoopObjectStoreProvider.SESSION_PREFIX + setting.getKey(), setting.getValue());
      }
    }
    all.putAll(options);
    return all;
  }

  private static boolean isHadoop(Map.Entry<String, String> path) {
    Matcher uri = SCHEME.matcher(path.getValue().strip());
    return uri.matches()
        && new HadoopObjectStoreProvider()
            .schemes()
            .contains(uri.group(1).toLowerCase(Locale.ROOT));
  }
}
