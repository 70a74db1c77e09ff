// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.options;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The options that a table has of itself, because somebody gave them when it was created. Unlike
 * those of one statement they are for reads and for writes, and each takes what it knows.
 */
public final class TableOptions {
  /** What catalogs keep beside options. */
  private static final Set<String> KEPT_BY_CATALOGS =
      insensitive(
          "provider",
          "owner",
          "location",
          "comment",
          "collation",
          "external",
          "is_managed_location",
          "table_type",
          "transient_lastddltime");

  private static final Pattern KEPT_BY_CATALOGS_TOO =
      Pattern.compile("(?:option|spark)\\..*", Pattern.CASE_INSENSITIVE);

  private static final Set<String> OF_READS =
      insensitive(
          "partitionSize",
          ReadOptions.START_STEP,
          "endStep",
          "start",
          "startVersion",
          QueryOptions.START_TIMESTAMP,
          "maxStepsPerTrigger",
          "failOnDataLoss",
          ReadOptions.VERSION_AS_OF,
          ReadOptions.TIMESTAMP_AS_OF,
          "table");

  private final Map<String, String> own = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  private TableOptions(Map<String, String> own) {
    this.own.putAll(own);
  }

  /** All of these. */
  public static TableOptions of(Map<String, String> options) {
    return new TableOptions(options);
  }

  /** Those among the properties of a table that are no catalog's. */
  public static TableOptions ofProperties(Map<String, String> properties) {
    TableOptions options = new TableOptions(properties);
    options
        .own
        .keySet()
        .removeIf(
            name ->
                KEPT_BY_CATALOGS.contains(name) || KEPT_BY_CATALOGS_TOO.matcher(name).matches());
    return options;
  }

  /** All of them. */
  public Map<String, String> all() {
    return Collections.unmodifiableMap(own);
  }

  /** For a read with these options of its own, which win. */
  public Map<String, String> forRead(Map<String, String> statement) {
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    own.forEach(
        (name, value) -> {
          boolean isForStore =
              name.contains(".") && !name.toLowerCase(Locale.ROOT).startsWith("fixedlength.");
          if (isForStore || name.equalsIgnoreCase("path") || OF_READS.contains(name)) {
            all.put(name, value);
          }
        });
    all.putAll(statement);
    return all;
  }

  /** For a write with these options of its own, which win. */
  public Map<String, String> forWrite(Map<String, String> statement) {
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    own.forEach(
        (name, value) -> {
          if (!OF_READS.contains(name)) {
            all.put(name, value);
          }
        });
    all.putAll(statement);
    return all;
  }

  private static Set<String> insensitive(String... names) {
    Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    set.addAll(Set.of(names));
    return set;
  }
}
