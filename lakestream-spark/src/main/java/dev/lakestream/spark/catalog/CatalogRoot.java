// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.catalog;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.spark.hadoop.SessionHadoop;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.connector.catalog.Identifier;

/**
 * What somebody has set for a catalog.
 *
 * @param uri of the folder that all streams are below; empty if they are named by their paths only
 * @param storeOptions those with a dot in their name
 * @param defaults options of reads and writes, for all tables
 */
public record CatalogRoot(
    String catalog,
    Optional<String> uri,
    Map<String, String> storeOptions,
    Map<String, String> defaults) {
  public CatalogRoot {
    storeOptions = Map.copyOf(storeOptions);
    defaults = Map.copyOf(defaults);
  }

  /** Reads {@code spark.sql.catalog.<name>.…}. */
  public static CatalogRoot of(String catalog, Map<String, String> settings) {
    Map<String, String> left = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    left.putAll(settings);
    Optional<String> root = Optional.ofNullable(left.remove("root"));
    Optional<String> warehouse = Optional.ofNullable(left.remove("warehouse"));
    if (root.isPresent() && warehouse.isPresent()) {
      throw new InvalidRequestException(
          "catalog " + catalog + " has a 'root' and a 'warehouse', which are the same: set one");
    }
    Map<String, String> storeOptions = new HashMap<>();
    Map<String, String> defaults = new HashMap<>();
    left.forEach((name, value) -> (name.contains(".") ? storeOptions : defaults).put(name, value));
    return new CatalogRoot(catalog, root.or(() -> warehouse), storeOptions, defaults);
  }

  /** Whether a table is named by its path and not by its place below the root. */
  private static boolean isPath(Identifier table) {
    return table.namespace().length == 0 && table.name().contains("/");
  }

  /**
   * Where the stream of a table is.
   *
   * @throws InvalidRequestException if a name can't be that of a folder, or there is no root
   */
  public String uriOf(Identifier table) {
    if (isPath(table)) {
      return table.name();
    }
    boolean isAtPath = table.namespace().length > 0 && table.namespace()[0].contains("/");
    List<String> below =
        Stream.concat(Arrays.stream(table.namespace()), Stream.of(table.name()))
            .skip(isAtPath ? 1 : 0)
            .toList();
    String top = isAtPath ? table.namespace()[0] : root();
    return top.replaceFirst("/+$", "") + "/" + key(below);
  }

  /** The options that a read or a write of a table needs to find it; to be called on the driver. */
  public Map<String, String> address(Identifier table) {
    Map<String, String> address = new HashMap<>(storeOptions);
    address.put("path", uriOf(table));
    return SessionHadoop.with(address);
  }

  /** The options of the store of a table. */
  public Map<String, String> storeOptions(Identifier table) {
    Map<String, String> options = new HashMap<>(address(table));
    options.remove("path");
    return options;
  }

  /** The store of all that is below the root; the caller closes it. */
  public ObjectStore open() {
    Map<String, String> options = new HashMap<>(storeOptions);
    options.put("path", root());
    options = new HashMap<>(SessionHadoop.with(options));
    options.remove("path");
    return ObjectStores.open(root(), options);
  }

  /** The folder of a namespace below the root; the root itself has none. */
  public static Optional<ObjectKey> folder(String[] namespace) {
    return namespace.length == 0 ? Optional.empty() : Optional.of(key(List.of(namespace)));
  }

  static ObjectKey key(List<String> names) {
    String key = names.stream().collect(Collectors.joining("/"));
    boolean isEachOne = names.stream().noneMatch(name -> name.contains("/"));
    if (!isEachOne || !ObjectKey.isValid(key)) {
      throw new InvalidRequestException(
          "'"
              + String.join(".", names)
              + "' can't be a place below the root of a catalog: names have letters, digits and"
              + " ._=- and don't begin with a dot");
    }
    return ObjectKey.of(key);
  }

  private String root() {
    return uri.orElseThrow(
        () ->
            new InvalidRequestException(
                "catalog "
                    + catalog
                    + " has no root: set spark.sql.catalog."
                    + catalog
                    + ".root to the URI that its streams are below, or name a stream by its path,"
                    + " as in "
                    + catalog
                    + ".`/lake/corpus`"));
  }
}
