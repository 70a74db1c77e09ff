// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.error.InvalidRequestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.ConfigRedactor;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.HdfsConfiguration;

/**
 * Hadoop's configuration: the files on the class path and in {@code HADOOP_CONF_DIR}, over them
 * what Spark's session says ({@code spark.hadoop.…}), over that the options of this one store
 * ({@code hadoop.…}).
 */
final class HadoopSettings {
  /** Before a setting of Hadoop among the options of a store. */
  static final String PREFIX = "hadoop.";

  private static final List<String> FILES = List.of("core-site.xml", "hdfs-site.xml");

  /**
   * For what neither a file nor a user has set. Hadoop's own defaults try for many minutes before
   * they say that nobody is there; these do so within half a minute.
   */
  private static final Map<String, String> PATIENCE =
      Map.of(
          "ipc.client.connect.timeout", "5000",
          "ipc.client.connect.max.retries.on.timeouts", "2",
          "fs.s3a.attempts.maximum", "3",
          "fs.s3a.retry.limit", "3",
          "fs.s3a.connection.establish.timeout", "5s",
          "fs.s3a.connection.timeout", "30s");

  /** S3A looks before it creates and deletes, and puts directories there; we have no use for it. */
  private static final Map<String, String> FEWER_REQUESTS =
      Map.of("fs.s3a.performance.flags", "create,delete,mkdir");

  private HadoopSettings() {}

  /**
   * The configuration for one store.
   *
   * @param environment variables
   */
  static Configuration of(Map<String, String> options, Map<String, String> environment) {
    Configuration configuration = new HdfsConfiguration();
    Optional.ofNullable(environment.get("HADOOP_CONF_DIR"))
        .filter(directory -> !directory.isBlank())
        .ifPresent(directory -> addFiles(configuration, directory));
    options.forEach(
        (name, value) -> {
          if (name.startsWith(HadoopObjectStoreProvider.SESSION_PREFIX)) {
            configuration.set(
                name.substring(HadoopObjectStoreProvider.SESSION_PREFIX.length()), value);
          }
        });
    ConfigRedactor secrets = new ConfigRedactor(configuration);
    options.forEach(
        (name, value) -> {
          int dot = name.indexOf('.');
          if (dot > 0 && HadoopObjectStoreProvider.SCHEMES.contains(name.substring(0, dot))) {
            throw new InvalidRequestException(
                "unknown option '" + name + "'; settings of Hadoop are " + PREFIX + "<name>");
          }
          if (name.startsWith(PREFIX)) {
            set(configuration, secrets, name.substring(PREFIX.length()), value);
          }
        });
    PATIENCE.forEach((name, value) -> setUnlessChosen(configuration, name, value));
    FEWER_REQUESTS.forEach((name, value) -> setUnlessChosen(configuration, name, value));
    return configuration;
  }

  private static void addFiles(Configuration configuration, String directory) {
    for (String name : FILES) {
      Path file = Path.of(directory, name);
      if (Files.isRegularFile(file)) {
        configuration.addResource(new org.apache.hadoop.fs.Path(file.toUri()));
      }
    }
  }

  private static void set(
      Configuration configuration, ConfigRedactor secrets, String name, String value) {
    if (!value.equals(secrets.redact(name, value))) {
      throw new InvalidRequestException(
          "'"
              + name
              + "' is a secret, and options are logged and stored: set it in core-site.xml, in a"
              + " credential provider of Hadoop, or in the environment");
    }
    configuration.set(name, value);
  }

  private static void setUnlessChosen(Configuration configuration, String name, String value) {
    String[] sources = configuration.getPropertySources(name);
    boolean chosen = sources != null && sources.length > 0 && !sources[0].endsWith("-default.xml");
    if (!chosen) {
      configuration.set(name, value);
    }
  }
}
