// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.catalog;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.spark.options.WriteOptions;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What {@code CREATE TABLE} says of a stream: facts that its first object keeps for ever, and
 * properties that later statements go by.
 *
 * @param forCreation facts, and what else a write would be told
 * @param kept properties
 */
public record CreationOptions(Map<String, String> forCreation, Map<String, String> kept) {
  private static final Set<String> FACTS =
      Set.of("slots", "pieces", "sequence", "boundaries", "producer");

  private static final String LENGTH = "fixedlength.";

  /** Divides them. */
  public static CreationOptions of(Map<String, String> given) {
    Map<String, String> kept = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    given.forEach(
        (name, value) -> {
          if (!isFact(name)) {
            kept.put(name, value);
          }
        });
    return new CreationOptions(given, kept);
  }

  private static boolean isFact(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return FACTS.contains(lower) || lower.startsWith(LENGTH);
  }

  /**
   * All of it as options of a write, which judges them; a batch is not needed for a creation.
   *
   * @param address with {@code path} and the options of the store
   */
  public WriteOptions checked(Map<String, String> address) {
    return checked(address, forCreation);
  }

  /**
   * Refuses properties that can't be kept: facts, options of the store, and what no write knows.
   *
   * @param address with {@code path} and the options of the store
   */
  public static void checkKept(Map<String, String> address, Map<String, String> properties) {
    for (String name : properties.keySet()) {
      if (isFact(name)) {
        throw new InvalidRequestException(
            "property '"
                + name
                + "' can't be set for a table that exists: the stream has it from its creation, and"
                + " its default slots are changed with 'lakestream defaults'");
      } else if (name.contains(".")) {
        throw new InvalidRequestException(
            "property '"
                + name
                + "' is none of a table: set options of the store for the catalog, as"
                + " spark.sql.catalog.<name>."
                + name);
      }
    }
    checked(address, properties);
  }

  private static WriteOptions checked(Map<String, String> address, Map<String, String> properties) {
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(new HashMap<>(properties));
    all.putIfAbsent("globalBatchSize", all.getOrDefault("slots", "1"));
    all.keySet().removeIf("comment"::equalsIgnoreCase);
    all.putAll(address);
    return WriteOptions.of(all);
  }
}
